import { beforeAll, expect, test } from 'vitest';
import { lab, reset, run, sh } from './lab.ts';
import { createHome, describeTree, login, logout, snapshots } from './roam.ts';
import { installed } from './setup.ts';

const dataset = 'data/profiles/alice';

beforeAll(async () => {
  await reset(installed);
  await createHome('mac-a');
  expect((await logout('mac-a')).report.problems).toEqual([]);
  expect((await login('mac-a')).report.problems).toEqual([]);
});

test('1: what a program had fsynced before the Mac lost its power is in the next snapshot, and on every other Mac', async () => {
  const before = await snapshots('mac-a');
  // ZFS has just written a transaction group, so the next is seconds away: what is fsynced now is in the intent log only.
  await sh(
    'mac-a',
    `zpool sync data
     echo 'may be lost' > /Users/alice/not-fsynced
     echo 'must stay' | dd of=/Users/alice/fsynced conv=fsync status=none`,
  );
  await lab('power-cut', 'mac-a');
  await lab('boot', 'mac-a');
  expect((await run('mac-a', 'zfs', 'get', '-Hpo', 'value', 'mounted', dataset)).trim()).toBe('no');

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
