import { describe, expect, test } from 'vitest';
import type { Host } from '../../../../src/host/host.ts';
import type { Mount } from '../../../../src/platform/mounts.ts';
import { login } from '../../../../src/homes/login.ts';
import { logout } from '../../../../src/homes/logout.ts';
import { hiddenBelow, holdersIn, mountsInHome } from '../../../../src/homes/mount/mounts-in-home.ts';
import type { Session } from '../../../../src/homes/session.ts';
import { setInUse } from '../../../../src/simulator/files/files.ts';
import { createSyncZfs } from '../../../../src/zfs/sync-zfs.ts';
import { parseDatasetName } from '../../../../src/zfs/names.ts';
import { FaultyRun } from '../../../support/model/faults.ts';
import { inHome } from '../../../support/model/invariants.ts';
import { createWorld, edit, isMounted, runAgent, sessionOn, type Mac } from '../../../support/model/world.ts';
import { codes } from '../../../support/homes/fake-session.ts';

const home = 'data/profiles/alice';
const place = { localHome: parseDatasetName(home), mountpoint: '/Users/alice' };
const mount = (source: string, path: string, type: string, id = '9', parentId = '1'): Mount => ({
  ...{ source, path, type, id, parentId },
});
const own = mount(home, '/Users/alice', 'zfs', '5', '1');

test('what is mounted in a home is none of its own datasets, and not their snapshots', () => {
  const inIt = [
    mount('/dev/vda1', '/Users/alice/vol', 'ext4'),
    mount('data/profiles/alicequake', '/Users/alice/quake', 'zfs'),
    mount('tmpfs', '/Users/alice', 'tmpfs'),
  ];
  const others = [
    own,
    mount(`${home}/mail`, '/Users/alice/mail', 'zfs', '6', '5'),
    mount(`${home}@a`, '/Users/alice/.zfs/snapshot/a', 'zfs', '7', '5'),
    mount('/dev/vda1', '/Users/alicequake', 'ext4'),
    mount('/dev/vda1', '/', 'ext4'),
  ];
  expect(mountsInHome([...others, ...inIt], place)).toEqual(inIt);
});

test('hidden is what was mounted before the home, at a place below it', () => {
  const seen = mount(`${home}/mail`, '/Users/alice/mail', 'zfs', '6', '5');
  const hidden = mount(`${home}/zz`, '/Users/alice/zz', 'zfs', '4', '1');
  expect(hiddenBelow([hidden, own, seen], place)).toEqual([`${home}/zz`]);
  expect(hiddenBelow([hidden, seen], place)).toEqual([]);
});

test('the holders in a home are those in which others of it are mounted', () => {
  const mail = mount(`${home}/mail`, '/Users/alice/mail', 'zfs', '6', '5');
  const old = mount(`${home}/mail/old`, '/Users/alice/mail/old', 'zfs', '7', '6');
  const looked = mount(`${home}@a`, '/Users/alice/.zfs/snapshot/a', 'zfs', '8', '5');
  expect(holdersIn([own, mail, old], place)).toEqual([home, `${home}/mail`]);
  expect(holdersIn([own, looked], place)).toEqual([]);
});

interface Situation {
  readonly mounts: () => readonly Mount[];
  /** Of commands that are not zfs; null: 0, and nothing printed. */
  readonly answer?: (
    argv: readonly string[],
  ) => { readonly exitCode: number; readonly stderr: string } | null;
}

/** A session on a machine on which other things are mounted too, and what it ran that is not zfs. */
function sessionWhere(
  mac: Mac,
  session: Session,
  { mounts, answer = () => null }: Situation,
): { session: Session; ran: string[] } {
  const ran: string[] = [];
  const { host } = session.local;
  const watched: Host = {
    ...host,
    run: async (argv, options) => {
      if (argv[0] === 'zfs') return host.run(argv, options);
      ran.push(argv.join(' '));
      await Promise.resolve();
      return { stdout: '', signal: null, ...(answer(argv) ?? { exitCode: 0, stderr: '' }) };
    },
  };
  // Its datasets are mounted and unmounted meanwhile.
  const listMounts = (): Promise<readonly Mount[]> => {
    const given = mounts();
    const below = [...mac.machine.datasets.values()].filter(
      ({ name, mounted }) => mounted !== null && !given.some(({ source }) => source === name),
    );
    const mountpoint = (name: string): string => `/Users/alice${name.slice(home.length)}`;
    return Promise.resolve([
      ...given,
      ...below.map(({ name }) => mount(name, mountpoint(name), 'zfs', '6', '5')),
    ]);
  };
  const platform = { ...session.platform, listMounts };
  const hostAs: Session['hostAs'] = ({ uid }) => ({
    ...watched,
    run: (argv, options) => {
      const [program, ...words] = argv;
      return watched.run([`${uid}: ${program}`, ...words], options);
    },
  });
  return {
    session: { ...session, platform, hostAs, local: createSyncZfs(watched, session.local.observer) },
    ran,
  };
}

/** What travels. */
const syncedIn = (machine: Mac['machine']): readonly string[] =>
  inHome(machine).filter((content) => !content.includes('/caches'));

const plain = (): FaultyRun => new FaultyRun(null);

async function worldAtWork() {
  const world = await createWorld({ children: true });
  const [first, second] = world.macs as readonly [Mac, Mac];
  edit(world, first);
  await runAgent(world, first, 'logout', null);
  await runAgent(world, first, 'login', null);
  edit(world, first);
  return { world, first, second };
}

describe('something else is mounted in the home', () => {
  test('a logout names it and where, advises no lsof, and sends what is in the home', async () => {
    const { world, first } = await worldAtWork();
    setInUse(first.machine, home, true, { evenByForce: true });
    const mounts = () => [own, mount('/dev/vda1', '/Users/alice/my vol', 'ext4')];
    const { session } = sessionWhere(first, sessionOn(world, first, plain()), { mounts });
    const report = await logout(session);
    expect(report.snapshot).not.toBeNull();
    const busy = report.problems.find((error) => 'code' in error && error.code === 'home-busy');
    expect(busy?.message).toBe(
      '/Users/alice cannot be unmounted: /dev/vda1 is mounted in it, on /Users/alice/my vol',
    );
    expect(busy).toMatchObject({
      remedy: "Unmount that as root: `umount '/Users/alice/my vol'`.",
      commands: ["umount '/Users/alice/my vol'"],
    });
  });

  test('a program that holds it is looked for with lsof, as ever', async () => {
    const { world, first } = await worldAtWork();
    setInUse(first.machine, home, true);
    const { session } = sessionWhere(first, sessionOn(world, first, plain()), { mounts: () => [own] });
    const report = await login(session);
    expect(report.problems).toMatchObject([
      { code: 'home-busy', remedy: expect.stringContaining('lsof') as string },
    ]);
  });

  test('a FUSE mount whose program has ended is taken off with the rights of its user, and the login goes on', async () => {
    const { world, first, second } = await worldAtWork();
    await runAgent(world, first, 'logout', null);
    await runAgent(world, second, 'login', null);
    edit(world, second);
    const news = syncedIn(second.machine);
    await runAgent(world, second, 'logout', null);
    await runAgent(world, first, 'login', null);
    await runAgent(world, second, 'login', null);
    edit(world, second);
    const newer = syncedIn(second.machine);
    expect(newer).not.toEqual(news);
    await runAgent(world, second, 'logout', null);

    setInUse(first.machine, home, true);
    const dead = mount('bob@host:/', '/Users/alice/m', 'fuse.sshfs', '8', '5');
    const slow = mount('carol@host:/', '/Users/alice/n', 'fuse.sshfs', '9', '5');
    let left = [own, dead];
    const { session, ran } = sessionWhere(first, sessionOn(world, first, plain()), {
      mounts: () => left,
      answer: ([program, word]) => {
        if (program === '2001: stat' && word === dead.path)
          return {
            exitCode: 1,
            stderr: "stat: cannot statx '/Users/alice/m': Transport endpoint is not connected",
          };
        if (program === '2001: umount') {
          left = [own];
          setInUse(first.machine, home, false);
        }
        return null;
      },
    });
    const report = await login(session);
    expect(report).toMatchObject({ problems: [], mounted: true });
    expect(ran).toEqual(['2001: stat /Users/alice/m', '2001: umount -f /Users/alice/m']);
    expect(syncedIn(first.machine)).toEqual(newer);

    setInUse(first.machine, home, true);
    const alive = sessionWhere(first, sessionOn(world, first, plain()), { mounts: () => [own, slow] });
    expect(codes((await login(alive.session)).problems)).toEqual(['home-busy']);
    expect(alive.ran).toEqual(['2001: stat /Users/alice/n']);
  });
});

describe('a dataset made below the home while nobody was logged in', () => {
  test('is unmounted before the home is mounted, so that later logins can pull', async () => {
    const { world, first, second } = await worldAtWork();
    await runAgent(world, first, 'logout', null);
    // zfs mounts it where the home is to be.
    await first.root.run(['zfs', 'create', `${home}/zz`]);
    expect(first.machine.datasets.get(`${home}/zz`)?.mounted).not.toBeNull();
    expect(await runAgent(world, first, 'login', null)).toMatchObject({ problems: [], mounted: true });
    expect(first.machine.datasets.get(`${home}/zz`)?.mounted).not.toBeNull();
    expect(await runAgent(world, first, 'logout', null)).toMatchObject({ problems: [], mounted: false });
    await runAgent(world, second, 'login', null);
    edit(world, second);
    const news = syncedIn(second.machine);
    await runAgent(world, second, 'logout', null);
    expect(await runAgent(world, first, 'login', null)).toMatchObject({ problems: [] });
    expect(syncedIn(first.machine)).toEqual(news);
  });

  test('that the home was mounted over, as older versions did, is uncovered by the next login', async () => {
    const { world, first } = await worldAtWork();
    await runAgent(world, first, 'logout', null);
    await first.root.run(['zfs', 'create', `${home}/zz`]);
    await first.root.run(['zfs', 'mount', home]);
    const hidden = mount(`${home}/zz`, '/Users/alice/zz', 'zfs', '4', '1');
    const { session, ran } = sessionWhere(first, sessionOn(world, first, plain()), {
      mounts: () => [hidden, own],
      answer: ([program]) => {
        if (program === 'umount') first.machine.datasets.get(home)!.mounted = null;
        return null;
      },
    });
    expect(await login(session)).toMatchObject({ problems: [], mounted: true });
    expect(ran).toEqual(['umount /Users/alice']);
    expect(isMounted(first)).toBe(true);
  });
});
