import { describe } from '../../install/describe-install.ts';
import type { HookKind } from '../../install/hooks.ts';
import type { Role } from '../../install/installation.ts';
import type { WeakFile } from '../../host/others-can-change.ts';
import type { Action } from '../../install/plan-install.ts';
import { shellWord } from '../../host/shell-word.ts';
import type { Fact } from '../fact.ts';
import { judging, ok, orOk, run, critical, warning, type Check, type Finding } from '../finding.ts';

/** What `roamhome install` would find. */
export interface InstallState {
  readonly role: Role;
  /** What it would do: nothing when all is as this version makes it. */
  readonly actions: readonly Action[];
  /** The Node that the jobs and hooks name, and that is not there any more; null: it is there, or none is named. */
  readonly goneNode: string | null;
}

interface InstallFacts {
  readonly install: Fact<InstallState>;
  /** What root runs and others could replace. */
  readonly weak: Fact<readonly WeakFile[]>;
}

interface HookFacts extends InstallFacts {
  /** Of the hooks, those that a configuration profile switches off. */
  readonly skippedHooks: Fact<readonly HookKind[]>;
}

/** The command that makes it what it is to be. */
function installCommand({ server, watchConsole }: Role): string {
  return `roamhome install${server ? ' --server' : ''}${watchConsole ? ' --watch-console' : ''}`;
}

function isOfHooks(action: Action): boolean {
  switch (action.kind) {
    case 'set-hook':
    case 'delete-hook':
      return true;
    case 'write-file':
      return action.file.path.includes('/roamhome/hooks/');
    case 'make-directory':
    case 'remove-file':
    case 'remove-directory':
      return action.path.includes('/roamhome/hooks');
    case 'reload':
    case 'start':
    case 'pause':
    case 'stop':
      return false;
  }
}

function judgeActions(
  { role, goneNode, actions: all }: InstallState,
  isOwn: (action: Action) => boolean,
  whenDone: string,
): readonly Finding[] {
  const actions = all.filter(isOwn);
  if (actions.length === 0) return [ok(whenDone)];
  const [first, ...more] = actions.map(describe);
  const others = more.length === 0 ? '' : `, and ${more.length} more`;
  const because = goneNode === null ? '' : `they run ${goneNode}, which is not there any more; `;
  return [
    critical(`${because}roamhome install would ${first ?? ''}${others}`, run('here', [installCommand(role)])),
  ];
}

export const jobsCheck: Check<InstallFacts> = {
  name: 'jobs',
  about:
    'The jobs are there as this version of Roamhome makes them, and loaded; the Node that they run exists',
  judge: ({ install }) =>
    judging(install, (state) =>
      judgeActions(state, (action) => !isOfHooks(action), 'as this version makes them, and loaded'),
    ),
};

export const hooksCheck: Check<HookFacts> = {
  name: 'hooks',
  about: 'loginwindow calls the hooks of this version of Roamhome, and no profile switches them off (macOS)',
  judge: ({ install, skippedHooks }) => [
    ...judging(install, (state) => judgeActions(state, isOfHooks, 'loginwindow calls them')),
    ...judging(skippedHooks, (skipped) => {
      // With the watch of the console nothing hangs on the hooks.
      if (skipped.length === 0 || (install.known && install.value.role.watchConsole)) return [];
      const keys = skipped.map((kind) => `skip${kind}`).join(' and ');
      return [
        critical(
          `a profile sets ${keys} in com.apple.mcxloginscripts: macOS does not call ${skipped.length === 1 ? 'this hook' : 'the hooks'}`,
          run(
            'here',
            ['roamhome install --watch-console'],
            'Have the payload Login Items: Scripts taken out of the profile; until then ',
          ),
        ),
      ];
    }),
  ],
};

export const programCheck: Check<InstallFacts> = {
  name: 'program',
  about:
    'What root runs (Node, Roamhome, zfs and where it is looked for, earlier hooks) can be changed by root alone',
  judge: ({ weak }) =>
    judging(weak, (files) =>
      orOk(
        files.map(({ path, place }) =>
          warning(
            `root runs ${path}, and others than root can change ${place}`,
            run('here', [`chown root ${shellWord(place)}`, `chmod go-w ${shellWord(place)}`]),
          ),
        ),
        'they are root’s alone',
      ),
    ),
};
