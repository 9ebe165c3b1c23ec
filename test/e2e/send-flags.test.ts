import { beforeAll, expect, test } from 'vitest';
import { installed, reset, run, sh } from './lab.ts';
import { createHome, login, logout, snapshots } from './roam.ts';

const recorded = (dataset: string): Promise<string> =>
  run('server', 'zfs', 'get', '-H', '-o', 'value', 'roamhome:sendflags', dataset);

beforeAll(async () => {
  await reset(installed);
});

test('a home is sent with the flags that both sides can, and keeps them: a pool without lz4, large blocks, embedded data', async () => {
  await sh(
    'server',
    `truncate -s 256M /old.img
     zpool create -d -o feature@extensible_dataset=enabled -O canmount=off -O mountpoint=none old /old.img
     zfs create -o canmount=off old/profiles
     zfs allow -u zfs_mobile_sync receive:append,create,mount,userprop,bookmark,snapshot,send old/profiles`,
  );
  // A resumable receive (-s) itself needs extensible_dataset; the rest such a pool lacks.
  await createHome('mac-a');
  await sh('mac-a', 'seq 200000 > /Users/alice/numbers');
  const old = ['--set', 'server.root=old/profiles'];

  const first = await logout('mac-a', 'alice', ...old);
  expect(first.report.problems).toEqual([]);
  expect(await recorded('old/profiles/alice')).toBe('none\n');
  await login('mac-a', 'alice', ...old);
  await sh('mac-a', 'seq 100000 300000 > /Users/alice/numbers');
  expect((await logout('mac-a', 'alice', ...old)).report.problems).toEqual([]);
  const there = await login('mac-b', 'alice', ...old);
  expect(there.report.problems).toEqual([]);
  expect(await snapshots('mac-b')).toEqual((await snapshots('server', 'old/profiles/alice')).slice(-1));
  expect(await run('mac-b', 'tail', '-n', '1', '/Users/alice/numbers')).toBe('300000\n');
});

test('between two of today the flags are -L -e -c', async () => {
  await createHome('mac-a', 'bob', 2002);
  expect((await logout('mac-a', 'bob')).report.problems).toEqual([]);
  expect(await recorded('data/profiles/bob')).toBe('Lec\n');
});
