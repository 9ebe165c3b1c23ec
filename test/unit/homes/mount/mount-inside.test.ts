import { describe, expect, test } from 'vitest';
import { RoamhomeError } from '../../../../src/errors/errors.ts';
import type { Host } from '../../../../src/host/host.ts';
import type { Mount } from '../../../../src/platform/mounts.ts';
import { login } from '../../../../src/homes/login.ts';
import { logout } from '../../../../src/homes/logout.ts';
import type { Session } from '../../../../src/homes/session.ts';
import { mountedFiles, setInUse } from '../../../../src/simulator/files/files.ts';
import { nativeValue } from '../../../../src/simulator/mounting.ts';
import { createSyncZfs } from '../../../../src/zfs/sync-zfs.ts';
import { FaultyRun } from '../../../support/model/faults.ts';
import {
  createWorld,
  edit,
  isMounted,
  runAgent,
  sessionOn,
  type Mac,
  type World,
} from '../../../support/model/world.ts';
import { codes } from '../../../support/homes/fake-session.ts';

const home = 'data/profiles/alice';
const mail = `${home}/mail`;

/** A home with datasets below it, mail and caches, that nobody is logged in to. */
async function homeAtRest(): Promise<{ world: World; mac: Mac }> {
  const world = await createWorld({ children: true });
  const [mac] = world.macs as readonly [Mac];
  edit(world, mac);
  await runAgent(world, mac, 'logout', null);
  return { world, mac };
}

/** Changes the home's own files, as its user does. */
async function change(mac: Mac, work: (files: ReturnType<typeof mountedFiles>) => void): Promise<void> {
  await mac.root.run(['zfs', 'mount', home]);
  work(mountedFiles(mac.machine, home));
  await mac.root.run(['zfs', 'unmount', home]);
}

const isThere = ({ machine }: Mac, name: string): boolean =>
  machine.datasets.get(name)?.mounted?.readonly === false;

/** What changes mounts, and programs that are not zfs, in order. */
function watched(
  mac: Mac,
  session: Session,
  listMounts: () => readonly Mount[] = () => [],
): { session: Session; ran: string[] } {
  const ran: string[] = [];
  const { host } = session.local;
  const watching: Host = {
    ...host,
    run: async (argv, options) => {
      if (argv[0] !== 'zfs' || argv[1]?.endsWith('mount') === true) ran.push(argv.join(' '));
      if (argv[0] === 'zfs') return host.run(argv, options);
      return Promise.resolve({ stdout: '', stderr: '', exitCode: 0, signal: null });
    },
  };
  const platform = {
    ...session.platform,
    listMounts: () => Promise.resolve(listMounts()),
    detachArgv: (path: string) => ['umount', '-l', path] as const,
  };
  return { session: { ...session, platform, local: createSyncZfs(watching, session.local.observer) }, ran };
}

const plain = (world: World, mac: Mac): Session => sessionOn(world, mac, new FaultyRun(null));

describe('a login', () => {
  test('mounts what is below a home while the home is read-only, and makes it writable last', async () => {
    const { world, mac } = await homeAtRest();
    const { session, ran } = watched(mac, plain(world, mac));
    expect(await login(session)).toMatchObject({ problems: [], warnings: [], mounted: true });
    expect(ran).toEqual([
      `zfs mount -o ro,nosuid,nodev ${home}`,
      `zfs mount ${home}/caches`,
      `zfs mount ${mail}`,
      `zfs mount -o remount,rw,nosuid,nodev ${home}`,
    ]);
    for (const name of [home, mail]) expect(isThere(mac, name)).toBe(true);
  });

  test('of a home with nothing below it runs one command to mount it', async () => {
    const world = await createWorld({ children: false });
    const [mac] = world.macs as readonly [Mac];
    edit(world, mac);
    await runAgent(world, mac, 'logout', null);
    const { session, ran } = watched(mac, plain(world, mac));
    expect(await login(session)).toMatchObject({ problems: [], mounted: true });
    expect(ran).toEqual([`zfs mount ${home}`]);
  });

  test('mounts what lies in a dataset below the home while that is read-only too', async () => {
    const { world, mac } = await homeAtRest();
    await mac.root.run(['zfs', 'mount', home]);
    for (const words of [`mount ${mail}`, `create ${mail}/old`, `unmount ${home}`])
      await mac.root.run(['zfs', ...words.split(' ')]);
    const { session, ran } = watched(mac, plain(world, mac));
    expect((await login(session)).problems).toEqual([]);
    expect(ran.slice(-6)).toEqual([
      `zfs mount -o ro,nosuid,nodev ${home}`,
      `zfs mount ${home}/caches`,
      `zfs mount -o ro,nosuid,nodev ${mail}`,
      `zfs mount ${mail}/old`,
      `zfs mount -o remount,rw,nosuid,nodev ${mail}`,
      `zfs mount -o remount,rw,nosuid,nodev ${home}`,
    ]);
    for (const name of [home, mail, `${mail}/old`]) expect(isThere(mac, name)).toBe(true);
  });

  test.each<[string, (files: ReturnType<typeof mountedFiles>) => void, RegExp]>([
    [
      'a symlink',
      (files) => {
        files.symlink('mail', '/etc/cron.d');
      },
      /"mail" is no directory/,
    ],
    [
      'a file',
      (files) => {
        files.write('mail', 'x');
      },
      /"mail" is no directory/,
    ],
    [
      'a directory with files in it',
      (files) => {
        files.write('mail/letter', 'x');
      },
      /has 1 entry there, which it would hide/,
    ],
  ])(
    'leaves a dataset unmounted whose place is %s, tells it, and mounts the rest',
    async (_what, put, why) => {
      const { world, mac } = await homeAtRest();
      await change(mac, (files) => {
        files.remove('mail');
        put(files);
      });
      const { session, ran } = watched(mac, plain(world, mac));
      const report = await login(session);
      expect(report).toMatchObject({ mounted: true, problems: [{ code: 'in-the-way' }] });
      expect(report.problems[0]?.message).toContain(`${mail} is not mounted at /Users/alice/mail: `);
      expect(report.problems[0]?.message).toMatch(why);
      expect(ran).not.toContain(`zfs mount ${mail}`);
      for (const name of [home, `${home}/caches`]) expect(isThere(mac, name)).toBe(true);
    },
  );

  test('makes the directory that a dataset is missing, as the user, and then proves the way anew', async () => {
    const { world, mac } = await homeAtRest();
    await change(mac, (files) => {
      files.remove('mail');
    });
    const { session, ran } = watched(mac, plain(world, mac));
    expect((await login(session)).problems).toEqual([]);
    expect(ran.slice(-5)).toEqual([
      `zfs mount ${home}/caches`,
      `zfs mount -o remount,rw,nosuid,nodev ${home}`,
      `zfs mount -o remount,ro,nosuid,nodev ${home}`,
      `zfs mount ${mail}`,
      `zfs mount -o remount,rw,nosuid,nodev ${home}`,
    ]);
    expect(isThere(mac, mail)).toBe(true);
  });

  test('mounts nothing in a home that is in use, and tells it', async () => {
    const { world, mac } = await homeAtRest();
    await mac.root.run(['zfs', 'mount', home]);
    setInUse(mac.machine, home, true, { evenByForce: true });
    const { session, ran } = watched(mac, plain(world, mac));
    const report = await login(session);
    expect(report.mounted).toBe(true);
    expect(report.warnings.filter((warning) => warning.includes(`${mail} is not mounted`))).toHaveLength(1);
    expect(ran.filter((line) => line.startsWith('zfs mount'))).toEqual([]);
    expect(isThere(mac, mail)).toBe(false);
  });

  test('without the lock mounts the home alone: another run may be proving ways in it', async () => {
    const { world, mac } = await homeAtRest();
    const { session, ran } = watched(mac, plain(world, mac));
    const report = await login({
      ...session,
      acquireLock: () => Promise.reject(new Error('another run has it')),
    });
    expect(report.warnings.join()).toContain(`${mail} is not mounted`);
    expect(ran).toEqual([`zfs mount ${home}`]);
    expect(isMounted(mac)).toBe(true);
  });

  test('takes a dataset off by force that got elsewhere, and makes the home writable all the same', async () => {
    const { world, mac } = await homeAtRest();
    let off = false;
    const at = (source: string, path: string): Mount => ({
      source,
      path,
      type: 'zfs',
      id: '1',
      parentId: '0',
    });
    const list = (): readonly Mount[] =>
      [...mac.machine.datasets.values()]
        .filter(
          ({ name, mounted }) => mounted !== null || (name === mail && ran.includes(`zfs mount ${mail}`)),
        )
        .flatMap((dataset) => {
          if (dataset.name !== mail)
            return [at(dataset.name, nativeValue(mac.machine, dataset, 'mountpoint'))];
          return off ? [] : [at(mail, '/etc/cron.d')];
        });
    const { session, ran } = watched(mac, plain(world, mac), () => {
      off ||= ran.includes('umount -l /etc/cron.d');
      return list();
    });
    const report = await login(session);
    expect(codes(report.problems)).toEqual(['in-the-way']);
    expect(report.problems[0]?.message).toContain('was led to /etc/cron.d');
    expect(report.problems[0]?.message).toContain('was taken off there');
    expect(ran).toEqual(expect.arrayContaining([`zfs unmount -f ${mail}`, 'umount -l /etc/cron.d']));
    expect(isThere(mac, home)).toBe(true);
  });

  test('mounts a home anew, writable and alone, where it cannot be remounted', async () => {
    const { world, mac } = await homeAtRest();
    const { session, ran } = watched(mac, plain(world, mac));
    const local: Session['local'] = {
      ...session.local,
      run: (command, options) =>
        command.argv.includes('remount,rw,nosuid,nodev')
          ? Promise.reject(
              new RoamhomeError({ code: 'zfs-failed', message: 'no such option', remedy: 'none' }),
            )
          : session.local.run(command, options),
    };
    const report = await login({ ...session, local });
    expect(report).toMatchObject({ mounted: true, problems: [{ code: 'zfs-failed' }] });
    expect(ran.slice(-2)).toEqual([`zfs unmount ${home}`, `zfs mount ${home}`]);
    expect(isThere(mac, home)).toBe(true);
    expect(isThere(mac, mail)).toBe(false);
  });
});

describe('a logout', () => {
  test('holds a home still while it unmounts what is mounted in it, and lets it go where it is busy', async () => {
    const { world, mac } = await homeAtRest();
    await login(plain(world, mac));
    setInUse(mac.machine, home, true, { evenByForce: true });
    const at = (name: string): Mount => ({
      ...{
        source: name,
        path: `/Users/alice${name.slice(home.length)}`,
        type: 'zfs',
        ...(name === home ? { id: '1', parentId: '0' } : { id: name, parentId: '1' }),
      },
    });
    const mounts = (): readonly Mount[] =>
      [...mac.machine.datasets.values()].flatMap(({ name, mounted }) => (mounted === null ? [] : [at(name)]));
    const { session, ran } = watched(mac, plain(world, mac), mounts);
    expect((await logout(session)).mounted).toBe(true);
    expect(ran.slice(0, 3)).toEqual([
      `zfs mount -o remount,ro,nosuid,nodev ${home}`,
      `zfs unmount ${home}`,
      `zfs mount -o remount,rw,nosuid,nodev ${home}`,
    ]);
    expect(isThere(mac, home)).toBe(true);
    setInUse(mac.machine, home, false);
    ran.length = 0;
    expect((await logout(session)).mounted).toBe(false);
    expect(ran.slice(0, 2)).toEqual([`zfs mount -o remount,ro,nosuid,nodev ${home}`, `zfs unmount ${home}`]);
  });
});
