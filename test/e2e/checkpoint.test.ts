import { beforeAll, expect, test } from 'vitest';
import { exec, lab, reset, run, sh } from './lab.ts';
import { loggedIn, saveLoggedIn } from './logged-in.ts';
import { describeTree, login, snapshots } from './roam.ts';

const dataset = 'data/profiles/alice';

beforeAll(saveLoggedIn);

/** What `roamhome checkpoint --json` told of Alice. */
async function checkpoint(): Promise<{
  readonly code: number | null;
  readonly alice: Record<string, unknown>;
}> {
  const { code, stdout, stderr } = await exec('mac-a', ['roamhome', 'checkpoint', '--json']);
  try {
    const { homes } = JSON.parse(stdout) as { readonly homes: readonly Record<string, unknown>[] };
    const [alice, ...others] = homes;
    expect(others).toEqual([]);
    return { code, alice: alice ?? {} };
  } catch (cause) {
    throw new Error(`no outcome: exit ${code}\n${stdout}${stderr}`, { cause });
  }
}

test('a home that was only mounted has no checkpoint, one that is worked in has, and goes on', async () => {
  await reset(loggedIn);
  const before = await snapshots('mac-a');
  expect(await checkpoint()).toMatchObject({ code: 0, alice: { outcome: 'unchanged', problems: [] } });
  expect(await snapshots('mac-a')).toEqual(before);

  // A program that has a file open, and works in the home, sees nothing of it.
  await sh(
    'mac-a',
    `cd /Users/alice
     zfs create ${dataset}/mail; echo letter > mail/letter
     exec 3> open; echo begun >&3
     roamhome checkpoint alice --json > /tmp/checkpoint.json
     echo ended >&3`,
  );
  expect(JSON.parse(await run('mac-a', 'cat', '/tmp/checkpoint.json'))).toMatchObject({
    homes: [{ user: 'alice', outcome: 'sent', problems: [], warnings: [] }],
  });
  expect(await run('mac-a', 'cat', '/Users/alice/open')).toBe('begun\nended\n');
  expect(await run('mac-a', 'zfs', 'get', '-Hpo', 'value', 'mounted', dataset)).toBe('yes\n');
  expect(await snapshots('server')).toEqual(await snapshots('mac-a'));
  expect(await snapshots('server', `${dataset}/mail`)).toEqual(await snapshots('mac-a', `${dataset}/mail`));
});

test('an edit, a checkpoint, and a power cut: the other Mac has the edit', async () => {
  await reset(loggedIn);
  await sh('mac-a', 'echo chapter > /Users/alice/novel');
  const done = await checkpoint();
  expect(done).toMatchObject({ code: 0, alice: { outcome: 'sent', problems: [], warnings: [] } });
  await lab('power-cut', 'mac-a');

  expect((await login('mac-b')).report.problems).toEqual([]);
  expect(await run('mac-b', 'cat', '/Users/alice/novel')).toBe('chapter\n');

  // The Mac comes back with what it had, which is no conflict.
  await lab('boot', 'mac-a');
  const back = await login('mac-a');
  expect(back.report).toMatchObject({ problems: [], mounted: true, snapshot: null });
  expect(await describeTree('mac-a')).toBe(await describeTree('mac-b'));
});
