import { beforeAll, expect, test } from 'vitest';
import { exec, installed, lab, reset, run, sh, type Ran } from './lab.ts';
import { createHome, snapshots } from './roam.ts';

/** As loginwindow calls it: root, the user's short name, and nothing of an environment. */
function hook(name: 'login-hook' | 'logout-hook', ...words: readonly string[]): Promise<Ran> {
  return exec('mac-a', ['env', '-i', `/usr/local/lib/roamhome/hooks/${name}`, ...words]);
}

beforeAll(async () => {
  await reset(installed);
  await createHome('mac-a');
});

test('the hooks carry a home under env -i, and exit 0', async () => {
  expect(await hook('logout-hook', 'alice')).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(await snapshots('server')).toEqual(await snapshots('mac-a'));
  expect(await hook('login-hook', 'alice')).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(await run('mac-a', 'cat', '/Users/alice/greeting')).toBe('hello\n');
});

test('the hooks exit 0 whatever happens, and say what did in the system log', async () => {
  await sh('mac-a', 'echo more >> /Users/alice/greeting');
  await lab('net', 'mac-a', 'cut');
  expect(await hook('logout-hook', 'alice')).toMatchObject({ code: 0 });
  expect(await hook('login-hook', 'alice')).toMatchObject({ code: 0 });
  await lab('net', 'mac-a', 'clear');
  expect(await run('mac-a', 'cat', '/Users/alice/greeting')).toBe('hello\nmore\n');
  expect(await run('mac-a', 'journalctl', '--no-pager', '-t', 'roamhome')).toMatch(
    /logout of alice: not synced, pending, nothing is lost/,
  );
  for (const words of [['alice;reboot'], ['nobody-here'], ['carol'], []]) {
    expect(await hook('login-hook', ...words)).toMatchObject({ code: 0 });
    expect(await hook('logout-hook', ...words)).toMatchObject({ code: 0 });
  }
});
