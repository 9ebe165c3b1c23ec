import { beforeEach, describe, expect, test } from 'vitest';
import { exitCodeOfSession } from '../../../src/cli/session/exit.ts';
import type { RoamhomeError } from '../../../src/errors/errors.ts';
import type { Argv, Host, RunningCommand } from '../../../src/host/host.ts';
import { login } from '../../../src/homes/login.ts';
import { logout } from '../../../src/homes/logout.ts';
import { isConflict, type SessionReport } from '../../../src/homes/report.ts';
import { mountedFiles, readFrom, treeOf } from '../../../src/simulator/files/files.ts';
import type { SimulatedHost } from '../../../src/simulator/host.ts';
import { tend } from '../../../src/homes/tending/tend.ts';
import { FaultyRun, type Fault } from '../../support/model/faults.ts';
import {
  createWorld,
  pushFrom,
  sessionOn,
  tendingOf,
  type Mac,
  type World,
} from '../../support/model/world.ts';
import { takeViolations } from '../../support/restrictions/restricted.ts';

const home = 'data/profiles/alice';
const big = 'x'.repeat(400_000);

let world: World;
let a: Mac;
let b: Mac;

beforeEach(async () => {
  takeViolations();
  world = await createWorld({ children: false });
  const [first, second] = world.macs;
  if (first === undefined || second === undefined) throw new Error('the world has three Macs');
  [a, b] = [first, second];
});

async function zfs(host: SimulatedHost, ...words: readonly string[]): Promise<string> {
  const { exitCode, stderr, stdout } = await host.run(['zfs', ...words]);
  expect({ words, exitCode, stderr }).toEqual({ words, exitCode: 0, stderr: '' });
  return stdout;
}

interface How {
  readonly raw?: boolean;
  readonly fault?: Fault;
}

/** A login or a logout, a minute after the one before. */
async function session(mac: Mac, what: 'login' | 'logout', { raw = false, fault = null }: How = {}) {
  world.now += 60_000;
  const made = sessionOn(world, mac, new FaultyRun(fault));
  const { config } = made;
  const policies = { ...config.policies, sendFlags: raw ? ('raw' as const) : ('auto' as const) };
  const local = { ...config.local, homeKeyDirectory: '/keys' };
  return (what === 'login' ? login : logout)({ ...made, config: { ...config, policies, local } });
}

async function well(mac: Mac, what: 'login' | 'logout', how: How = {}): Promise<SessionReport> {
  const report = await session(mac, what, how);
  expect({ problems: report.problems, warnings: report.warnings }).toEqual({ problems: [], warnings: [] });
  return report;
}

const write = (mac: Mac, name: string, text = name): void => {
  mountedFiles(mac.machine, home).write(name, text);
};
const has = (mac: Mac, name: string): boolean => readFrom(treeOf(mac.machine, home), name) !== null;
const namesOn = async (host: SimulatedHost, dataset = home): Promise<readonly string[]> =>
  (await zfs(host, 'list', '-H', '-t', 'snapshot', '-o', 'name', '-s', 'createtxg', dataset))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/^.*@/, ''));
const branches = async (): Promise<readonly string[]> =>
  (await zfs(world.admin, 'list', '-H', '-o', 'name', '-d', '1', 'data/profiles-conflicts'))
    .split('\n')
    .filter((line) => line.includes('/alice-'));

/** The same host, on which something happens in the middle of the first stream that it receives. */
function meanwhile<Some extends Host>(host: Some, happens: () => Promise<unknown>): Some {
  let done = false;
  return {
    ...host,
    stream: async (argv: Argv, options?: Parameters<Host['stream']>[1]): Promise<RunningCommand> => {
      const command = await host.stream(argv, options);
      if (argv[1] !== 'receive' || done) return command;
      const { stdin } = command;
      const write = stdin.write.bind(stdin) as (...words: unknown[]) => boolean;
      let chunks = 0;
      stdin.write = ((...words: unknown[]): boolean => {
        chunks += 1;
        if (chunks === 3) {
          done = true;
          void happens();
        }
        return write(...words);
      }) as typeof stdin.write;
      return command;
    },
  };
}

async function bothHaveIt(how: How = {}): Promise<void> {
  write(a, 'greeting');
  await well(a, 'logout', how);
  await well(b, 'login', how);
  await well(b, 'logout', how);
  await well(a, 'login', how);
}

describe('an interrupted push whose snapshot another tool has taken away since', () => {
  const cut: Fault = { kind: 'cut-at-byte', bytes: 100_000 };

  /** Half of it is on the server, and its snapshot nowhere. */
  async function cutAndPruned(tool: string | null): Promise<void> {
    await bothHaveIt();
    write(a, 'big', big);
    if (tool !== null) await zfs(a.root, 'snapshot', `${home}@${tool}`);
    expect((await session(a, 'logout', { fault: cut })).pending).toBe(true);
    const newest = (await namesOn(a.root)).at(-1) ?? '';
    if (tool !== null) expect(newest).toBe(tool);
    await zfs(a.root, 'destroy', `${home}@${newest}`);
    await session(a, 'login');
    write(a, 'after');
  }

  test.each([
    ["of another tool's name", 'zfs-auto-snap_frequent-2026-11-20-0645'],
    ["of this Mac's own name", null],
  ])('is no conflict with oneself: a snapshot %s', async (_what, tool) => {
    await cutAndPruned(tool);
    const report = await session(a, 'logout');
    // The work is safe on the server at once, and not told as a conflict.
    const [branch, ...others] = await branches();
    expect(others).toEqual([]);
    expect(readFrom(treeOf(world.server, branch ?? ''), 'after')).not.toBeNull();
    expect({ conflict: isConflict(report), warnings: report.warnings, pending: report.pending }).toEqual({
      ...{ conflict: false, warnings: [], pending: true },
    });
    const [problem, ...rest] = report.problems;
    expect(rest).toEqual([]);
    expect(problem).toMatchObject({ code: 'server-blocked', retryable: true });
    expect(problem?.message).toMatch(
      /its snapshot @\S+ is no longer on this Mac\. .* on the server too, as /,
    );
    expect(
      exitCodeOfSession('logout', report, sessionOn(world, a, new FaultyRun(null)).config.policies),
    ).toBe(75);

    // Until it is given up, each run adds to the same, and says the same.
    await session(a, 'login');
    write(a, 'later');
    expect(isConflict(await session(a, 'logout'))).toBe(false);
    expect(await branches()).toEqual([branch]);

    const tending = tendingOf(world);
    await tend(tending);
    world.now += 7_200_000;
    expect((await tend(tending)).aborted).toEqual([home]);
    // The job that sends what waits.
    expect(await pushFrom(world, a, null)).toMatchObject({ outcome: 'sent', problems: [], warnings: [] });
    expect(a.pending.size).toBe(0);
    await well(b, 'login');
    expect(['big', 'after', 'later'].map((name) => has(b, name))).toEqual([true, true, true]);
    expect((await tend(tending)).removed).toEqual([branch]);
  });

  test('an admin who gives it up at once, as the remedy says, has it sent by the next run', async () => {
    await cutAndPruned(null);
    const [problem] = (await session(a, 'logout')).problems;
    const command = /`(zfs receive -A [^`]+)`/.exec((problem as RoamhomeError).remedy)?.[1] ?? '';
    await zfs(world.admin, ...command.split(' ').slice(1));
    expect(await pushFrom(world, a, null)).toMatchObject({ outcome: 'sent', problems: [], warnings: [] });
    await well(b, 'login');
    expect(has(b, 'after')).toBe(true);
  });

  test('of another Mac is told as what keeps this one from the line', async () => {
    await cutAndPruned(null);
    write(a, 'more');
    await session(a, 'logout');
    await session(b, 'login');
    write(b, 'own');
    expect(isConflict(await session(b, 'logout'))).toBe(true);
  });
});

describe('a snapshot that is made on the receiving side while a stream comes in', () => {
  test('on the Mac: the same login brings the home all the same', async () => {
    await bothHaveIt();
    write(a, 'big', big);
    await well(a, 'logout');
    const host = meanwhile(b.host, () => zfs(b.root, 'snapshot', `${home}@tool`));
    await well({ ...b, host }, 'login');
    expect(await namesOn(b.root)).toContain('tool');
    expect(has(b, 'big')).toBe(true);
    write(b, 'own');
    await well(b, 'logout');
    await well(a, 'login');
    expect(has(a, 'own')).toBe(true);
  });

  test('on the server: the work is in a branch at once, the snapshot is named, and it goes on once that was tended', async () => {
    await bothHaveIt();
    write(a, 'big', big);
    const toServer = meanwhile(a.toServer, () => zfs(world.admin, 'snapshot', `${home}@tool`));
    const report = await session({ ...a, toServer }, 'logout');
    expect(report.warnings).toEqual([]);
    expect(report.problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(/@tool was made there while .*`roamhome tend`/),
    ]);
    expect(report.pending).toBe(true);
    expect(isConflict(report)).toBe(false);
    const [branch] = await branches();
    expect((await namesOn(world.admin, branch)).at(-1)).toBe((await namesOn(a.root)).at(-1));
    expect(await zfs(world.admin, 'get', '-Ho', 'value', 'roamhome:sendflags', home)).toBe('Lec\n');

    const tending = tendingOf(world);
    await tend(tending);
    world.now += 7_200_000;
    expect((await tend(tending)).aborted).toEqual([home]);
    await well(a, 'login');
    await well(a, 'logout');
    await well(b, 'login');
    expect(has(b, 'big')).toBe(true);
    expect((await tend(tending)).removed).toEqual([branch]);
  });
});

describe('a home that is sent as it is encrypted', () => {
  const raw: How = { raw: true };

  beforeEach(async () => {
    await zfs(a.root, 'unmount', home);
    await zfs(a.root, 'destroy', '-r', home);
    for (const { machine } of world.macs) machine.keyFiles.set('/keys/alice.key', 'a secret of alice');
    const key = ['encryption=on', 'keyformat=passphrase', 'keylocation=file:///keys/alice.key'];
    const own = ['canmount=noauto', 'mountpoint=/Users/alice', 'atime=off', 'setuid=off', 'devices=off'];
    await zfs(a.root, 'create', ...[...key, ...own].flatMap((one) => ['-o', one]), home);
    await zfs(a.root, 'mount', home);
    write(a, 'greeting');
  });

  test('an empty snapshot of any tool on the server comes with the next login, and blocks nothing then', async () => {
    await bothHaveIt(raw);
    await well(a, 'logout', raw);
    await zfs(world.admin, 'snapshot', `${home}@tool`);
    await well(a, 'login', raw);
    write(a, 'new');
    await well(a, 'logout', raw);
    await well(b, 'login', raw);
    expect(has(b, 'new')).toBe(true);
  });

  test('one that comes during the session sends the work to a branch, and is named with what removes it', async () => {
    await bothHaveIt(raw);
    write(a, 'new');
    await zfs(world.admin, 'snapshot', `${home}@tool`);
    const report = await session(a, 'logout', raw);
    expect(report.problems).toEqual([]);
    expect(report.pending).toBe(true);
    const [branch] = await branches();
    expect((await namesOn(world.admin, branch)).at(-1)).toBe((await namesOn(a.root)).at(-1));
    const [, command = ''] = /`zfs (destroy [^`]*)`/.exec(report.warnings[0] ?? '') ?? [];
    expect(command).toBe(`destroy ${home}@tool`);
    await zfs(world.admin, ...command.split(' '));
    await well(a, 'login', raw);
    await well(a, 'logout', raw);
    await well(b, 'login', raw);
    expect(has(b, 'new')).toBe(true);
  });

  test('one on the Mac, while another Mac has gone on, stops no login', async () => {
    await bothHaveIt(raw);
    await well(a, 'logout', raw);
    await well(b, 'login', raw);
    write(b, 'new');
    await well(b, 'logout', raw);
    await zfs(a.root, 'snapshot', `${home}@tool`);
    const report = await session(a, 'login', raw);
    expect(report.problems).toEqual([]);
    expect(has(a, 'new')).toBe(true);
    await well(a, 'logout', raw);
  });

  test('a dataset below it that did not change stops no later pull', async () => {
    await zfs(a.root, 'create', `${home}/Projects`);
    await bothHaveIt(raw);
    write(a, 'top');
    await well(a, 'logout', raw);
    await well(b, 'login', raw);
    mountedFiles(b.machine, `${home}/Projects`).write('deep', 'deep');
    await well(b, 'logout', raw);
    await well(a, 'login', raw);
    expect(readFrom(treeOf(a.machine, `${home}/Projects`), 'deep')).toBe('deep');
  });

  test('a first push that was killed goes on raw, whatever the policy says by then', async () => {
    write(a, 'big', big);
    await session(a, 'logout', { raw: true, fault: { kind: 'killed-at-byte', bytes: 150_000 } });
    expect(await zfs(world.admin, 'get', '-Ho', 'value', 'roamhome:sendflags', home)).toBe('w\n');
    await well(a, 'logout');
    await well(a, 'login');
    write(a, 'new');
    await well(a, 'logout');
    await well(b, 'login');
    expect([has(b, 'big'), has(b, 'new')]).toEqual([true, true]);
    expect(await zfs(world.admin, 'get', '-Ho', 'value', 'encryption', home)).not.toBe('off\n');
  });
});

describe('what takes no part', () => {
  test('a volume with a snapshot, in the home and among the homes of the server', async () => {
    await zfs(a.root, 'create', '-s', '-V', '16M', `${home}/vm`);
    await zfs(a.root, 'snapshot', `${home}/vm@s`);
    await zfs(world.admin, 'create', '-s', '-V', '16M', 'data/profiles/vol');
    await zfs(world.admin, 'snapshot', 'data/profiles/vol@s');
    write(a, 'greeting');
    expect((await well(a, 'logout')).snapshot).not.toBeNull();
    await well(b, 'login');
    expect(has(b, 'greeting')).toBe(true);
    expect((await tend(tendingOf(world))).problems).toEqual([]);
  });

  test('a dataset with a blank in its name: told, and those around it are sent', async () => {
    for (const each of ['my child', 'zz']) await zfs(a.root, 'create', `${home}/${each}`);
    write(a, 'greeting');
    const report = await session(a, 'logout');
    expect(report.problems).toMatchObject([
      { code: 'name-invalid', remedy: `Run \`zfs rename '${home}/my child' ${home}/my-child\` on this Mac.` },
    ]);
    expect(report.pending).toBe(true);
    expect(await namesOn(world.admin, `${home}/zz`)).toHaveLength(1);
    await zfs(a.root, 'rename', `${home}/my child`, `${home}/my-child`);
    await well(a, 'login');
    await well(a, 'logout');
    expect(await namesOn(world.admin, `${home}/my-child`)).toHaveLength(1);
    expect(a.pending.size).toBe(0);
  });
});

describe('a snapshot with a blank in its name', () => {
  test('reaches the other Mac, under a name that can be said', async () => {
    await bothHaveIt();
    write(a, 'new');
    await zfs(a.root, 'snapshot', `${home}@after upgrade`);
    await well(a, 'logout');
    expect((await namesOn(world.admin)).filter((name) => name.includes(' '))).toEqual([]);
    await well(b, 'login');
    expect(has(b, 'new')).toBe(true);
    write(b, 'own');
    await well(b, 'logout');
    await well(a, 'login');
    expect(has(a, 'own')).toBe(true);
  });

  test('that an older Roamhome has put on the server stops no Mac', async () => {
    await bothHaveIt();
    write(a, 'new');
    await well(a, 'logout');
    const newest = (await namesOn(world.admin)).at(-1) ?? '';
    await zfs(world.admin, 'rename', `${home}@${newest}`, `${home}@after upgrade`);
    await well(b, 'login');
    expect(has(b, 'new')).toBe(true);
    write(b, 'own');
    await well(b, 'logout');
  });
});

test('what something writes on the server keeps no work of this Mac from it', async () => {
  await bothHaveIt();
  write(a, 'new');
  await zfs(world.admin, 'set', 'mountpoint=/mnt', home);
  mountedFiles(world.server, home).write('stray', 'by an admin');
  await zfs(world.admin, 'unmount', home);
  const report = await session(a, 'logout');
  expect(report.problems).toEqual([]);
  const head = (await namesOn(world.admin)).at(-1) ?? '';
  expect(report.warnings[0]).toContain(`\`zfs rollback ${home}@${head}\``);
  expect(report.warnings[0]).not.toMatch(/zfs snapshot/);
  const [branch] = await branches();
  expect((await namesOn(world.admin, branch)).at(-1)).toBe((await namesOn(a.root)).at(-1));
});
