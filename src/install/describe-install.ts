import type { Argv } from '../host/host.ts';
import { shellWord } from '../host/shell-word.ts';
import type { Job } from '../platform/services.ts';
import { hookKinds, hookReplacedPath } from './hooks.ts';
import type { Machine } from './machine.ts';
import type { Action } from './plan-install.ts';

/** The lines of a dry run: what would be done, and below it the commands and what the files would hold. Pure. */
export function describeAction(
  action: Action,
  machine: Pick<Machine, 'services' | 'hooks'>,
): readonly string[] {
  return [
    describe(action),
    ...commandsOf(action, machine).map((argv) => `    ${argv.map(shellWord).join(' ')}`),
  ].concat(
    action.kind === 'write-file'
      ? action.file.text
          .trimEnd()
          .split('\n')
          .map((line) => `    | ${line}`)
      : [],
  );
}

/** What has been, or would be, done, in one line. Pure. */
export function describe(action: Action): string {
  switch (action.kind) {
    case 'make-directory':
      return `make directory ${action.path} (${octal(action.mode)})`;
    case 'write-file':
      if (hookKinds.some((kind) => action.file.path === hookReplacedPath(kind)))
        return `take ${action.file.text.trim()} out of use, a script of before that does what Roamhome does: its path is kept in ${action.file.path}, nothing calls it`;
      return `${action.isNew ? 'write' : 'replace'} ${action.file.path} (${octal(action.file.mode)})`;
    case 'remove-file':
    case 'remove-directory':
      return `remove ${action.path}`;
    case 'reload':
      return 'let systemd read its files again';
    case 'start':
      return `start the job ${action.job}: ${does[action.job]}`;
    case 'pause':
      return `take the job ${action.job} out while it is changed`;
    case 'stop':
      return `stop the job ${action.job}`;
    case 'set-hook':
      return `let loginwindow call ${action.to} as its ${action.hook}`;
    case 'delete-hook':
      return `let loginwindow call no ${action.hook} any more`;
  }
}

const does: Readonly<Record<Job, string>> = {
  thin: 'thins the homes on this machine',
  pending: 'sends the homes that could not be sent',
  checkpoint: 'snapshots and sends the homes in use',
  server: 'thins the homes on this server, and tends them',
  'watch-console': 'calls login and logout when the user at the console changes',
};

function commandsOf(
  action: Action,
  { services, hooks }: Pick<Machine, 'services' | 'hooks'>,
): readonly Argv[] {
  switch (action.kind) {
    case 'reload':
      return services.reloadArgv === null ? [] : [services.reloadArgv];
    case 'start':
      return services.startArgvs(action.job);
    case 'pause':
      return services.pauseArgvs(action.job);
    case 'stop':
      return services.stopArgvs(action.job);
    case 'set-hook':
      return hooks === null ? [] : [hooks.writeArgv(action.hook, action.to)];
    case 'delete-hook':
      return hooks === null ? [] : [hooks.deleteArgv(action.hook)];
    case 'make-directory':
    case 'write-file':
    case 'remove-file':
    case 'remove-directory':
      return [];
  }
}

function octal(mode: number): string {
  return mode.toString(8);
}
