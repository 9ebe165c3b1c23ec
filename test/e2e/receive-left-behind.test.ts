import { expect, test } from 'vitest';
import { exec, installed, reset, run, sh } from './lab.ts';
import { createHome, installOnServer, login, logout, snapshots } from './roam.ts';
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

test('a receive that is alive and gets nothing is ended and given up by tend, and the next logout sends', async () => {
  await reset(installed);
  await installOnServer();
  await createHome('mac-a');
  expect((await logout('mac-a')).report.problems).toEqual([]);
  const leftBehind = exec('mac-a', ['sh', '-c', `set -eu\n${standStill}`]);
  await until(serverHasToken);
  const tend = async (): Promise<unknown> => {
    const words = ['tend', '--json', '--set', 'limits.partialIdleSeconds=60'];
    const { aborted, busy, problems } = JSON.parse(
      (await exec('server', ['roamhome', ...words])).stdout,
    ) as Readonly<Record<string, readonly unknown[]>>;
    return { aborted, busy, problems };
  };
  const nothing = { aborted: [], busy: [], problems: [] };
  // The token changes for as long as what was sent is written.
  expect(await tend()).toEqual(nothing);
  await sh('server', 'sleep 30');
  expect(await tend()).toEqual(nothing);
  expect(await receives()).toBe(1);
  await sh('server', 'sleep 62');
  expect(await tend()).toEqual({ ...nothing, aborted: [dataset] });
  expect(await receives()).toBe(0);
  expect(await serverHasToken()).toBe(false);
  await sh('mac-a', 'pkill -x sleep');
  await leftBehind;
  const { code, report } = await logout('mac-a');
  expect({ code, problems: report.problems }).toEqual({ code: 0, problems: [] });
  expect(await snapshots('server')).toEqual(await snapshots('mac-a'));
});
