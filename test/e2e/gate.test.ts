import { beforeAll, describe, expect, test } from 'vitest';
import { ask, setUpGate } from './gated.ts';
import { installed, put, reset, run, sh } from './lab.ts';
import { createHome, login, logout } from './roam.ts';

const home = 'data/profiles/alice';
const macs = ['mac-a', 'mac-b'] as const;

beforeAll(async () => {
  await reset(installed);
  await setUpGate();
  await createHome('mac-a');
});

test('a home goes to the server, to another Mac and back', async () => {
  const settled = { code: 0, report: { problems: [], warnings: [] } };
  expect(await logout('mac-a')).toMatchObject(settled);
  expect(await login('mac-b')).toMatchObject({ ...settled, report: { ...settled.report, mounted: true } });
  await sh('mac-b', 'echo more >> /Users/alice/greeting');
  expect(await logout('mac-b')).toMatchObject(settled);
  expect(await login('mac-a')).toMatchObject(settled);
  expect(await run('mac-a', 'cat', '/Users/alice/greeting')).toBe('hello\nmore\n');
  expect(await run('server', 'zfs', 'get', '-Ho', 'value', 'roamhome:session', home)).toMatch(/^mac-a,/);
});

test('what both sides have changed goes to a branch, and is listed, compared and thinned', async () => {
  expect((await login('mac-b')).report).toMatchObject({ mounted: true, problems: [] });
  await Promise.all(macs.map((mac) => sh(mac, `echo ${mac} > /Users/alice/${mac}`)));
  expect((await logout('mac-b')).report).toMatchObject({ problems: [] });
  expect((await logout('mac-a')).report).toMatchObject({ problems: [] });
  const branches = await run('server', 'zfs', 'list', '-Hro', 'name', 'data/profiles-conflicts');
  expect(branches).toMatch(/^data\/profiles-conflicts\/alice-mac-a-\d{8}T\d{6}Z$/m);
  expect((await login('mac-a')).report).toMatchObject({ mounted: true, problems: [] });
  const [name = ''] = /alice-mac-a-\S+/.exec(branches) ?? [];
  expect(await run('mac-b', 'roamhome', 'conflicts', 'list')).toContain(name);
  expect(await run('mac-b', 'roamhome', 'conflicts', 'diff', name)).toContain('mac-a');
  await run('mac-a', 'roamhome', 'thin', '--set', 'thinning.schedule=1');
  expect((await logout('mac-a')).report).toMatchObject({ problems: [] });
});

test('a pull that was cut goes on, by the token that this zfs has made', async () => {
  expect((await login('mac-a')).report).toMatchObject({ problems: [] });
  await sh('mac-a', 'head -c 8000000 /dev/urandom > /Users/alice/big; chown 2001:2100 /Users/alice/big');
  expect((await logout('mac-a')).report).toMatchObject({ problems: [] });
  const [from = '', to = ''] = (
    await run('server', 'zfs', 'list', '-Hpt', 'snapshot', '-o', 'name', '-s', 'createtxg', home)
  )
    .trim()
    .split('\n')
    .slice(-2);
  const begun = await sh('server', `zfs send -L -e -c -i ${from} ${to} | head -c 6000000 | base64`);
  await put('mac-b', '/root/begun.stream', Buffer.from(begun, 'base64'));
  await sh('mac-b', `zfs unmount ${home} || true; zfs receive -u -s ${home} < /root/begun.stream || true`);
  const token = await run('mac-b', 'zfs', 'get', '-Ho', 'value', 'receive_resume_token', home);
  expect(token).toMatch(/^1-/);
  const { report } = await login('mac-b');
  expect(report).toMatchObject({ mounted: true, problems: [] });
  expect(report.sync?.pulledBytes).toBeLessThan(4_000_000);
  expect(await run('mac-b', 'wc', '-c', '/Users/alice/big')).toMatch(/^8000000 /);
  await logout('mac-b');
});

describe('refused with 126, a line for the Mac and one for the system log', () => {
  const session = (mac: string): string => `zfs set roamhome:session=${mac},2026-11-20T06:45:00Z ${home}`;

  test.each([
    ['what destroys', `zfs destroy -r ${home}`, 'it is no command of Roamhome'],
    ['two commands', `zfs list -Hp -o name ${home} && id`, 'it has other characters'],
    [
      'a session of another Mac',
      session('mac-b'),
      'a session on mac-b is not to be recorded with the key of mac-a',
    ],
    ['what is no home', 'zfs list -Hp -o name rpool', 'rpool is no home and no conflict'],
    [
      'a branch of another Mac',
      'zfs receive -u -s data/profiles-conflicts/alice-mac-b-20261120T064500Z',
      'no conflict of mac-a',
    ],
    ['an interactive login', '', 'no command was given'],
  ])('%s', async (_what, command, why) => {
    const before = await run(
      'server',
      'zfs',
      'list',
      '-Hpro',
      'name,guid,roamhome:session',
      '-t',
      'all',
      'data',
    );
    const { code, stdout, stderr } = await ask('mac-a', command);
    expect({ code, stdout }).toEqual({ code: 126, stdout: '' });
    expect(stderr).toMatch(/^roamhome-gate: refused: [^\n]*\n$/);
    expect(stderr).toContain(why);
    expect(
      await run('server', 'grep', '-c', `roamhome-gate.*key of mac-a from .*${why}`, '/var/log/auth.log'),
    ).toMatch(/^[1-9]/);
    expect(
      await run('server', 'zfs', 'list', '-Hpro', 'name,guid,roamhome:session', '-t', 'all', 'data'),
    ).toBe(before);
  });

  test('its own session passes, so that it is not the key that is refused', async () => {
    expect(await ask('mac-a', session('mac-a'))).toMatchObject({ code: 0, stderr: '' });
  });

  test('and a Mac that goes by another name than its key is told so', async () => {
    const { report } = await login('mac-a', 'alice', '--set', 'local.macName=mac-z');
    expect(report.mounted).toBe(true);
    expect(report.warnings.join('\n')).toContain(
      'a session on mac-z is not to be recorded with the key of mac-a',
    );
  });
});
