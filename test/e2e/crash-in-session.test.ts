import { beforeAll, expect, test } from 'vitest';
import { installed, lab, reset, run, sh } from './lab.ts';
import { createHome, describeTree, login, logout, snapshots } from './roam.ts';

const homes = [
  { user: 'alice', uid: 2001 },
  { user: 'bob', uid: 2002 },
] as const;
const datasetOf = (user: string): string => `data/profiles/${user}`;

beforeAll(async () => {
  await reset(installed);
  for (const { user, uid } of homes) {
    await createHome('mac-a', user, uid);
    expect((await logout('mac-a', user)).report.problems).toEqual([]);
    expect((await login('mac-a', user)).report.problems).toEqual([]);
  }
});

test('what a program had fsynced before the Mac lost its power is in the next snapshot, and on every other Mac', async () => {
  // With a snapshot tool's snapshot and the next transaction group minutes away, what is fsynced now is in the intent
  // log only. The first fsync after a mount writes a transaction group of its own, so there is one before.
  // Alice wrote nothing else since that snapshot; Bob wrote so much that his home would not be looked at, and so not be
  // mounted before the snapshot, were it not for the log (ADR 2).
  await sh(
    'mac-a',
    `for user in alice bob; do echo warm | dd of=/Users/$user/warm conv=fsync status=none; done
     echo 600 > /sys/module/zfs/parameters/zfs_txg_timeout
     zfs snapshot ${datasetOf('alice')}@tool ${datasetOf('bob')}@tool
     head -c 2M /dev/urandom > /Users/bob/much
     zpool sync data
     for user in alice bob; do
       echo 'may be lost' > /Users/$user/not-fsynced
       echo 'must stay' | dd of=/Users/$user/fsynced conv=fsync status=none
     done`,
  );
  const before = new Map(
    await Promise.all(
      homes.map(async ({ user }) => [user, await snapshots('mac-a', datasetOf(user))] as const),
    ),
  );
  await lab('power-cut', 'mac-a');
  await lab('boot', 'mac-a');
  // Importing the pool claims the log, which shows as 8 KiB; the file itself is not there before a mount.
  expect(await run('mac-a', 'zfs', 'get', '-Hpo', 'value', 'mounted,written', datasetOf('alice'))).toBe(
    'no\n8192\n',
  );

  for (const { user } of homes) {
    const { code, report } = await login('mac-a', user);
    expect({ code, problems: report.problems, mounted: report.mounted }).toEqual({
      code: 0,
      problems: [],
      mounted: true,
    });
    expect(await run('mac-a', 'cat', `/Users/${user}/fsynced`)).toBe('must stay\n');
    expect(report.snapshot).not.toBeNull();
    expect(report.sync?.pushedBytes).toBeGreaterThan(0);
    const after = await snapshots('mac-a', datasetOf(user));
    expect(after).toHaveLength((before.get(user)?.length ?? 0) + 1);
    expect(await snapshots('server', datasetOf(user))).toEqual(after);

    expect((await login('mac-b', user)).report.problems).toEqual([]);
    expect(await run('mac-b', 'cat', `/Users/${user}/fsynced`)).toBe('must stay\n');
    expect(await describeTree('mac-b', user)).toBe(await describeTree('mac-a', user));
  }
});

test('what waits in the log is kept too where a snapshot hides that it waits, and the server has moved on', async () => {
  const { user } = homes[0];
  await sh(
    'mac-a',
    `echo warm | dd of=/Users/${user}/warm-again conv=fsync status=none
     echo 600 > /sys/module/zfs/parameters/zfs_txg_timeout
     zpool sync data
     echo 'must stay too' | dd of=/Users/${user}/hidden conv=fsync status=none`,
  );
  await lab('power-cut', 'mac-a');
  expect((await login('mac-b', user)).report.problems).toEqual([]);
  await sh('mac-b', `echo elsewhere > /Users/${user}/elsewhere`);
  expect((await logout('mac-b', user)).report.problems).toEqual([]);
  await lab('boot', 'mac-a');
  // A snapshot tool that runs when a Mac has started.
  await run('mac-a', 'zfs', 'snapshot', `${datasetOf(user)}@started`);
  expect(await run('mac-a', 'zfs', 'get', '-Hpo', 'value', 'written', datasetOf(user))).toBe('0\n');

  const { report } = await login('mac-a', user);
  expect({ problems: report.problems, mounted: report.mounted }).toEqual({ problems: [], mounted: true });
  expect(await run('mac-a', 'cat', `/Users/${user}/elsewhere`)).toBe('elsewhere\n');
  const name = /as data\/profiles-conflicts\/(\S+?)[,;. ]/.exec(report.warnings.join('\n'))?.[1] ?? 'none';
  await run('mac-a', 'roamhome', 'conflicts', 'restore', name, 'hidden');
  expect(await run('mac-a', 'cat', `/Users/${user}/hidden`)).toBe('must stay too\n');
});
