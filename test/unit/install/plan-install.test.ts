import { describe, expect, test } from 'vitest';
import { describe as say } from '../../../src/install/describe-install.ts';
import { hookBeforePath, hookPath, hookReplacedPath, type HookKind } from '../../../src/install/hooks.ts';
import type { Role } from '../../../src/install/installation.ts';
import { isOlderHook } from '../../../src/install/older-hooks.ts';
import { shellZfs } from '../../../src/install/places.ts';
import { planInstall, type Action, type FoundFile, type There } from '../../../src/install/plan-install.ts';
import { knownJobs, nothing, type Wanted } from '../../../src/install/wanted.ts';
import type { Job, JobState } from '../../../src/platform/services.ts';
import { roles, servicesOf, wantedFor } from '../../support/install/machines.ts';

/** A machine in memory: what a plan's actions leave. */
class Fake {
  readonly directories = new Set<string>();
  readonly files = new Map<string, FoundFile>();
  readonly jobs = new Map<Job, JobState>();
  readonly hooks = new Map<HookKind, string>();
  readonly ownHooks = new Set<string>();
  readonly olderHooks = new Set<string>();
  /** The texts of the files that each job was started with. */
  readonly loaded = new Map<Job, string>();
  private readonly kind: Role['kind'];

  constructor(kind: Role['kind']) {
    this.kind = kind;
  }

  there(): There {
    const services = servicesOf(this.kind);
    const jobFiles = new Map(
      knownJobs(this.kind).map((job) => [
        job,
        services.filesOf(job).map((name) => `${services.directory}/${name}`),
      ]),
    );
    const otherFiles = [...wantedFor(roles.mac).files, ...wantedFor(roles.workstation).files].map(
      ({ path }) => path,
    );
    const { directories, files, jobs, hooks, ownHooks, olderHooks } = this;
    const needsReload = services.reloadArgv !== null;
    return { directories, files, jobs, hooks, ownHooks, olderHooks, jobFiles, otherFiles, needsReload };
  }

  plan(wanted: Wanted): readonly Action[] {
    return planInstall(wanted, this.there());
  }

  /** Runs the plan, or its first actions only. */
  run(wanted: Wanted, first = Infinity): void {
    this.plan(wanted)
      .slice(0, first)
      .forEach((action) => {
        this.apply(action);
      });
  }

  private textOf(job: Job): string {
    return (this.there().jobFiles.get(job) ?? []).map((path) => this.files.get(path)?.text).join();
  }

  private apply(action: Action): void {
    switch (action.kind) {
      case 'make-directory':
        return void this.directories.add(action.path);
      case 'remove-directory':
        return void this.directories.delete(action.path);
      case 'write-file':
        return void this.files.set(action.file.path, { ...action.file, isRoots: true });
      case 'remove-file':
        return void this.files.delete(action.path);
      case 'start':
        // As launchd: a job that is there is not taken again.
        if (this.jobs.get(action.job) !== undefined) throw new Error(`${action.job} is there already`);
        this.loaded.set(action.job, this.textOf(action.job));
        return void this.jobs.set(action.job, 'whole');
      case 'pause':
      case 'stop':
        this.loaded.delete(action.job);
        return void this.jobs.delete(action.job);
      case 'set-hook':
        return void this.hooks.set(action.hook, action.to);
      case 'delete-hook':
        return void this.hooks.delete(action.hook);
      case 'reload':
        return;
    }
  }

  shown() {
    return {
      loaded: [...this.loaded].sort(([a], [b]) => (a < b ? -1 : 1)),
      files: [...this.files].sort(([a], [b]) => (a < b ? -1 : 1)),
      jobs: [...this.jobs].sort(([a], [b]) => (a < b ? -1 : 1)),
      hooks: [...this.hooks].sort(([a], [b]) => (a < b ? -1 : 1)),
    };
  }
}

const empty = { files: [], jobs: [], loaded: [], hooks: [] };

const installed = (role: Role): Fake => {
  const machine = new Fake(role.kind);
  machine.run(wantedFor(role));
  return machine;
};

test('what stands for zfs behind lshell stays with an install, and goes when all is uninstalled', () => {
  const server = Object.values<Role>(roles).find((role) => role.server);
  if (server === undefined) throw new Error('no server among the roles');
  const machine = installed(server);
  machine.files.set(shellZfs, { text: '#!', mode: 0o755, isRoots: true });
  expect(machine.plan(wantedFor(server))).toEqual([]);
  expect(machine.plan(nothing)).toContainEqual({ kind: 'remove-file', path: shellZfs });
});

describe.each(Object.entries(roles))('%s', (_name, role: Role) => {
  test('installing twice does nothing the second time; uninstalling leaves nothing but directories', () => {
    const machine = installed(role);
    expect([...machine.jobs.keys()]).toEqual(
      role.server
        ? ['server']
        : ['thin', 'pending', 'checkpoint', ...(role.watchConsole ? ['watch-console'] : [])],
    );
    expect(machine.plan(wantedFor(role))).toEqual([]);
    machine.run(nothing);
    expect(machine.shown()).toEqual(empty);
    expect(machine.plan(nothing)).toEqual([]);
  });

  test('a new version writes and starts every job anew, and no other hook becomes one of before', () => {
    const machine = installed(role);
    const plan = machine.plan(wantedFor(role, { version: '1.2.4' })).map(say);
    for (const job of machine.jobs.keys())
      expect(plan).toContainEqual(expect.stringContaining(`start the job ${job}`));
    expect(plan.filter((line) => /loginwindow|remove|stop/.test(line))).toEqual([]);
  });

  test('cut off anywhere, the next run comes to the same end', () => {
    const upgraded = wantedFor(role, { version: '2.0.0' });
    const stages = [wantedFor(role), upgraded, nothing];
    const whole = new Fake(role.kind);
    for (let stage = 0; stage < stages.length; stage++) {
      for (let first = 0; first <= whole.plan(stages[stage]!).length; first++) {
        const machine = new Fake(role.kind);
        for (const before of stages.slice(0, stage)) machine.run(before);
        machine.run(stages[stage]!, first);
        machine.run(stages[stage]!);
        const want = new Fake(role.kind);
        for (const before of stages.slice(0, stage + 1)) want.run(before);
        expect(machine.shown()).toEqual(want.shown());
      }
      whole.run(stages[stage]!);
    }
  });
});

test.each([
  [roles.mac, roles['a server that is a Mac']],
  [roles['a Mac with a watch on its console'], roles.mac],
  [roles.server, roles.workstation],
])('what was another kind of machine becomes one of this kind', (before, after) => {
  const machine = installed(before);
  machine.run(wantedFor(after));
  expect(machine.shown()).toEqual(installed(after).shown());
});

test.each<[string, Partial<FoundFile>]>([
  ['a text that was changed', { text: 'x' }],
  ['a mode that others can write with', { mode: 0o664 }],
  ['an owner other than root', { isRoots: false }],
])('%s is put right, and the job started anew', (_name, change) => {
  const machine = installed(roles.mac);
  const path = '/Library/LaunchDaemons/org.roamhome.thin.plist';
  const file = machine.files.get(path);
  if (file === undefined) throw new Error('no job was written');
  machine.files.set(path, { ...file, ...change });
  expect(machine.plan(wantedFor(roles.mac)).map(say)).toEqual([
    'take the job thin out while it is changed',
    `replace ${path} (644)`,
    expect.stringMatching(/^start the job thin: /),
  ]);
});

test.each<[JobState, readonly string[]]>([
  ['absent', ['reload', 'start']],
  ['partly', ['pause', 'reload', 'start']],
])('a job that is %s is started', (state, want) => {
  const machine = installed(roles.workstation);
  machine.jobs.set('thin', state);
  expect(machine.plan(wantedFor(roles.workstation)).map(({ kind }) => kind)).toEqual(want);
});

describe('a hook of somebody else', () => {
  const foreign = '/Library/Application Support/JAMF/login.sh';
  const kept = (machine: Fake) => machine.files.get(hookBeforePath('LoginHook'))?.text;

  const taken = (): Fake => {
    const machine = new Fake('macos');
    machine.hooks.set('LoginHook', foreign);
    machine.run(wantedFor(roles.mac));
    return machine;
  };

  test('is kept, called by ours, through upgrades, and put back', () => {
    const machine = taken();
    expect(machine.hooks.get('LoginHook')).toBe(hookPath('LoginHook'));
    expect(kept(machine)).toBe(`${foreign}\n`);
    expect(machine.files.has(hookBeforePath('LogoutHook'))).toBe(false);
    machine.run(wantedFor(roles.mac, { version: '2.0.0' }));
    expect(kept(machine)).toBe(`${foreign}\n`);
    machine.run(nothing);
    expect(machine.shown()).toEqual({ ...empty, hooks: [['LoginHook', foreign]] });
  });

  test('is in a file before ours is set, and put back before the file goes', () => {
    const before = new Fake('macos');
    before.hooks.set('LoginHook', foreign);
    for (const [machine, wanted] of [
      [before, wantedFor(roles.mac)],
      [taken(), nothing],
    ] as const) {
      for (let first = machine.plan(wanted).length; first > 0; first--) {
        machine.run(wanted, 1);
        expect(machine.hooks.get('LoginHook') === foreign || kept(machine) === `${foreign}\n`).toBe(true);
      }
    }
  });

  test('that is set over ours is kept in place of the one before', () => {
    const machine = taken();
    machine.hooks.set('LoginHook', '/opt/new');
    machine.run(wantedFor(roles.mac));
    expect(kept(machine)).toBe('/opt/new\n');
  });

  test('that is set over ours stays at uninstalling', () => {
    const machine = taken();
    machine.hooks.set('LoginHook', '/opt/new');
    machine.run(nothing);
    expect(machine.shown()).toEqual({ ...empty, hooks: [['LoginHook', '/opt/new']] });
  });

  test('that somebody has taken away since is not called any more', () => {
    const machine = taken();
    machine.hooks.delete('LoginHook');
    machine.run(wantedFor(roles.mac));
    expect(kept(machine)).toBeUndefined();
    expect(machine.hooks.get('LoginHook')).toBe(hookPath('LoginHook'));
  });

  test('that is our own, set by hand, is not called besides', () => {
    const machine = new Fake('macos');
    const own = '/usr/local/lib/roamhome/hooks/login-hook';
    machine.hooks.set('LoginHook', own);
    machine.ownHooks.add(own);
    machine.run(wantedFor(roles.mac));
    expect(machine.hooks.get('LoginHook')).toBe(hookPath('LoginHook'));
    expect(kept(machine)).toBeUndefined();
  });

  const older = '/usr/local/bin/zfs_receive_from_server.sh';
  const replaced = (machine: Fake) => machine.files.get(hookReplacedPath('LoginHook'))?.text;

  test.each([
    ['set in loginwindow', (machine: Fake) => machine.hooks.set('LoginHook', older)],
    [
      'chained by an earlier version',
      (machine: Fake) => {
        machine.hooks.set('LoginHook', foreign);
        machine.run(wantedFor(roles.mac));
        machine.files.set(hookBeforePath('LoginHook'), { text: `${older}\n`, mode: 0o644, isRoots: true });
      },
    ],
  ])('that does what ours does is never called besides, and its path is kept: %s', (_how, prepare) => {
    const machine = new Fake('macos');
    machine.olderHooks.add(older);
    prepare(machine);
    const told = machine.plan(wantedFor(roles.mac)).map(say);
    expect(told.filter((line) => line.startsWith(`take ${older} out of use`))).toHaveLength(1);
    for (let left = told.length; left > 0; left--) {
      machine.run(wantedFor(roles.mac), 1);
      expect([machine.hooks.get('LoginHook'), kept(machine), replaced(machine)]).toContainEqual(
        expect.stringContaining(older),
      );
    }
    expect(machine.hooks.get('LoginHook')).toBe(hookPath('LoginHook'));
    expect([kept(machine), replaced(machine)]).toEqual([undefined, `${older}\n`]);
    expect(machine.plan(wantedFor(roles.mac))).toEqual([]);
    machine.run(nothing);
    expect([machine.hooks.get('LoginHook'), replaced(machine)]).toEqual([undefined, `${older}\n`]);
  });
});

test.each([
  ['/usr/local/bin/zfs_send_to_server.sh', null, true],
  ['/opt/hook', '#!/bin/sh\n/usr/local/bin/zfs_send_to_server.sh "$1"\n', true],
  ['/opt/hook', 'ssh s "zfs receive -F data/profiles/$1"', true],
  ['/opt/hook', '/usr/local/bin/zfstimemachinebackup.perl --sourcedataset=x', true],
  ['/opt/hook', '#!/bin/sh\nlogger login of "$1"\nzfs list\n', false],
  ['/opt/hook', null, false],
])('%s with %j does what ours does: %s', (path, text, want) => {
  expect(isOlderHook(path, text)).toBe(want);
});
