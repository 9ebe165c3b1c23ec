import { beforeAll, expect, test } from 'vitest';
import { installed, reset, run, sh } from './lab.ts';
import { like } from './matchers.ts';
import { createHome, login, logout, markServer, serverSaw, snapshots } from './roam.ts';

beforeAll(async () => {
  await reset(installed);
  await createHome('mac-a');
  expect((await logout('mac-a')).report.problems).toEqual([]);
});

/** The server's record of where alice is logged in, without the time. */
async function recordedMac(): Promise<string | undefined> {
  const value = await run('server', 'zfs', 'get', '-Ho', 'value', 'roamhome:session', 'data/profiles/alice');
  return value.trim().split(',')[0];
}

test('nothing changed: a login and a logout run 2 remote commands each; no snapshot is taken, nothing sent', async () => {
  const before = await snapshots('mac-a');
  let mark = await markServer();
  const loggedIn = await login('mac-a');
  expect(loggedIn).toMatchObject({
    code: 0,
    report: { mounted: true, sync: { wasEqual: true }, problems: [] },
  });
  const atLogin = await serverSaw(mark);
  expect(atLogin.commands).toEqual([
    like(/zfs list /),
    like(/zfs set roamhome:session=mac-a,\S+Z(?:,[0-9a-f]{8})? data\/profiles\/alice/),
  ]);
  expect(atLogin.connections).toBe(1);
  expect(await recordedMac()).toBe('mac-a');

  mark = await markServer();
  const loggedOut = await logout('mac-a');
  expect(loggedOut).toMatchObject({
    code: 0,
    report: { snapshot: null, sync: { pushedBytes: 0, wasEqual: true } },
  });
  const atLogout = await serverSaw(mark);
  expect(atLogout.commands).toEqual([
    like(/zfs list /),
    like(/zfs inherit roamhome:session data\/profiles\/alice/),
  ]);
  expect(atLogout.connections).toBe(1);
  expect(await recordedMac()).toBe('-');
  expect(await snapshots('mac-a')).toEqual(before);
  expect(await snapshots('server')).toEqual(before);
});

test('with a change a logout runs at most 4 remote commands, all on one connection', async () => {
  await login('mac-a');
  await sh('mac-a', 'echo more >> /Users/alice/greeting');
  const mark = await markServer();
  const { code, report } = await logout('mac-a');
  expect({ code, problems: report.problems }).toEqual({ code: 0, problems: [] });
  expect(report.sync?.pushedBytes).toBeGreaterThan(0);
  const { commands, connections } = await serverSaw(mark);
  expect(commands.length).toBeLessThanOrEqual(4);
  expect(connections).toBe(1);
  expect(await snapshots('server')).toEqual(await snapshots('mac-a'));
});
