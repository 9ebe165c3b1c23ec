import { expect, test } from 'vitest';
import { exec, installed, reset, run, sh } from './lab.ts';
import { createHome, login, logout, snapshots } from './roam.ts';
import { serverHasToken, standStill, until } from './stand-still.ts';

const dataset = 'data/profiles/alice';

async function receives(): Promise<number> {
  return Number((await exec('server', ['pgrep', '-c', '-x', '-f', `zfs receive -u -s ${dataset}`])).stdout);
}

test('a receive left behind on the server: a login goes on with the local state, a logout waits and then resumes', async () => {
  await reset(installed);
  await createHome('mac-a');
  expect((await logout('mac-a')).report.problems).toEqual([]);
  const leftBehind = exec('mac-a', ['sh', '-c', `set -eu\n${standStill}`]);
  await until(serverHasToken);

  // The receive stands still for as long as it is let: that the login ends at all shows that its patience does.
  const held = await login('mac-a');
  expect(held).toMatchObject({ code: 75, report: { mounted: true, problems: [{ code: 'partial-state' }] } });
  expect(await run('mac-a', 'stat', '-c', '%s', '/Users/alice/new')).toBe(`${8 * 2 ** 20}\n`);

  expect(await receives()).toBe(1);
  const waiting = logout('mac-a');
  await until(async () =>
    (await sh('mac-a', 'tail -n 1 /var/log/roamhome/roamhome.log')).includes('step-put-off'),
  );
  await sh('mac-a', 'pkill -x sleep');
  expect((await leftBehind).stderr).toContain('Partially received snapshot is saved');
  const { code, report } = await waiting;
  expect({ code, problems: report.problems }).toEqual({ code: 0, problems: [] });
  expect(report.sync?.pushedBytes).toBeLessThan(5 * 2 ** 20);
  expect(await snapshots('server')).toEqual(await snapshots('mac-a'));
  expect(await serverHasToken()).toBe(false);
});
