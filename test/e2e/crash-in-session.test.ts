import { beforeAll, expect, test } from 'vitest';
import { installed, lab, reset, run, sh } from './lab.ts';
import { createHome, describeTree, login, logout, snapshots } from './roam.ts';

const dataset = 'data/profiles/alice';

beforeAll(async () => {
  await reset(installed);
  await createHome('mac-a');
  expect((await logout('mac-a')).report.problems).toEqual([]);
  expect((await login('mac-a')).report.problems).toEqual([]);
});

test('issue 2, 1: what a program had fsynced before the Mac lost its power is in the next snapshot, and on every other Mac', async () => {
  // With a snapshot tool's snapshot and the next transaction group minutes away, what is fsynced now is in the intent
  // log only. The first fsync after a mount writes a transaction group of its own, so there is one before.
  await sh(
    'mac-a',
    `echo warm | dd of=/Users/alice/warm conv=fsync status=none
     echo 600 > /sys/module/zfs/parameters/zfs_txg_timeout
     zfs snapshot ${dataset}@tool; zpool sync data
     echo 'may be lost' > /Users/alice/not-fsynced
     echo 'must stay' | dd of=/Users/alice/fsynced conv=fsync status=none`,
  );
  const before = await snapshots('mac-a');
  await lab('power-cut', 'mac-a');
  await lab('boot', 'mac-a');
  // Importing the pool claims the log, which shows as 8 KiB; the file itself is not there before a mount.
  expect(await run('mac-a', 'zfs', 'get', '-Hpo', 'value', 'mounted,written', dataset)).toBe('no\n8192\n');

  const { code, report } = await login('mac-a');
  expect({ code, problems: report.problems, mounted: report.mounted }).toEqual({
    code: 0,
    problems: [],
    mounted: true,
  });
  expect(await run('mac-a', 'cat', '/Users/alice/fsynced')).toBe('must stay\n');
  expect(report.snapshot).not.toBeNull();
  expect(report.sync?.pushedBytes).toBeGreaterThan(0);
  const after = await snapshots('mac-a');
  expect(after).toHaveLength(before.length + 1);
  expect(await snapshots('server')).toEqual(after);

  expect((await login('mac-b')).report.problems).toEqual([]);
  expect(await run('mac-b', 'cat', '/Users/alice/fsynced')).toBe('must stay\n');
  expect(await describeTree('mac-b')).toBe(await describeTree('mac-a'));
});
