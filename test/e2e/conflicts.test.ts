import { beforeAll, expect, test } from 'vitest';
import { exec, lab, run, sh } from './lab.ts';
import { greeting, saveLoggedIn } from './logged-in.ts';
import { like } from './matchers.ts';
import { login, logout } from './roam.ts';
import { settings } from './situations.ts';

let name = '';

/** alice has worked on both Macs: what she made on mac-a is set aside there, and on the server. */
beforeAll(async () => {
  await saveLoggedIn();
  await sh(
    'mac-a',
    `cd /Users/alice; mkdir Documents; echo 'only here' >Documents/letter; setfacl -m u:2002:r Documents/letter
     echo 'from a' >greeting; chown -R 2001:2100 .; chown -R 2001:2001 Documents`,
  );
  await lab('net', 'mac-a', 'cut');
  await logout('mac-a', 'alice', ...settings('limits.connectSeconds=2'));
  await lab('net', 'mac-a', 'clear');
  expect(await login('mac-b')).toMatchObject({ code: 0 });
  await sh('mac-b', `echo 'from b' >${greeting}`);
  expect(await logout('mac-b')).toMatchObject({ code: 0 });
  const { report } = await login('mac-a');
  expect(report).toMatchObject({ mounted: true, problems: [] });
  name = /as data\/profiles-conflicts\/(\S+?)[,;. ]/.exec(report.warnings.join('\n'))?.[1] ?? 'none';
});

const conflicts = (...words: readonly string[]) => exec('mac-a', ['roamhome', 'conflicts', ...words]);

test('a conflict is shown, compared and restored from, with ACLs and owners, and nothing is replaced unasked', async () => {
  expect((await conflicts('list')).stdout).toContain(name);
  const shown = await conflicts('show', name);
  expect(shown).toMatchObject({ code: 0, stderr: '' });
  expect(shown.stdout).toMatch(/alice[^]*mac-a[^]*roamhome conflicts diff/);

  const diff = await conflicts('diff', name);
  expect(diff).toMatchObject({ code: 0, stderr: '' });
  expect(diff.stdout).toMatch(/^\+ Documents\/ +\(1 file/m);
  expect(diff.stdout).toMatch(/^~ greeting +\(content/m);

  const restored = await conflicts('restore', name, '--all');
  expect(restored).toMatchObject({ code: 0, stderr: '' });
  const beside =
    /greeting, and the conflict's as "(greeting \(mac-a, .*\))"/.exec(restored.stdout)?.[1] ?? 'none';
  expect(await run('mac-a', 'cat', greeting)).toBe('from b\n');
  expect(await run('mac-a', 'cat', `/Users/alice/${beside}`)).toBe('from a\n');
  await run('mac-a', 'rm', `/Users/alice/${beside}`);
  expect(await run('mac-a', 'cat', '/Users/alice/Documents/letter')).toBe('only here\n');
  expect(await run('mac-a', 'stat', '-c', '%u:%g', '/Users/alice/Documents/letter')).toBe('2001:2001\n');
  expect(await run('mac-a', 'getfacl', '-cn', '/Users/alice/Documents/letter')).toContain('user:2002:r--');
  expect(await conflicts('restore', name, 'greeting', '--overwrite')).toMatchObject({ code: 0 });
  expect(await run('mac-a', 'cat', greeting)).toBe('from a\n');
  expect(await sh('mac-a', 'cd /Users/alice && cat "greeting (before restoring"*')).toBe('from b\n');
  expect(await sh('mac-a', 'grep conflicts /proc/mounts || true')).toBe('');
});

test('another Mac fetches it from the server; later logins tell of it; once discarded, nothing is told, and the server has it', async () => {
  expect(await logout('mac-a')).toMatchObject({ code: 0, report: { problems: [] } });
  await run('mac-b', 'mkdir', '/root/away');
  const there = await exec('mac-b', [
    'roamhome',
    'conflicts',
    'restore',
    name,
    'greeting',
    '--to',
    '/root/away',
  ]);
  expect(there).toMatchObject({ code: 0 });
  expect(await run('mac-b', 'cat', '/root/away/greeting')).toBe('from a\n');

  const told = await login('mac-a');
  expect(told.report.warnings).toEqual([like(new RegExp(`still set aside, as .*${name}`))]);
  expect(await conflicts('discard', name)).toMatchObject({ code: 64 });
  expect(await conflicts('discard', name, '--yes')).toMatchObject({ code: 0 });
  expect(await run('mac-a', 'zfs', 'list', '-Hro', 'name', 'data/profiles-conflicts')).not.toContain(name);
  expect(await run('server', 'zfs', 'list', '-Hro', 'name', 'data/profiles-conflicts')).toContain(name);
  expect(await logout('mac-a')).toMatchObject({ code: 0, report: { warnings: [] } });
  expect((await login('mac-a')).report.warnings).toEqual([]);
});
