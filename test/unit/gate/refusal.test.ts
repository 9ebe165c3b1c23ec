import { expect, test } from 'vitest';
import { auditArgv, refusalLine } from '../../../src/gate/refusal.ts';
import { zfsError } from '../../../src/zfs/stderr.ts';

test('a refusal is one line, whatever is in it', () => {
  expect(refusalLine('a\nb\u001b[31m\u202eß😀')).toBe(
    'roamhome-gate: refused: a\\u{a}b\\u{1b}[31m\\u{202e}\\u{df}\\u{1f600}\n',
  );
});

test('the system log is told by argv, in one line of bounded length', () => {
  const line = `zfs destroy 'x'; \n<13>forged: entry ${'y'.repeat(100_000)}`;
  const argv = auditArgv('it is no command of Roamhome', { line, who: 'the key of mac7', from: '192.0.2.7' });
  expect(argv.slice(0, -1)).toEqual([
    '/usr/bin/logger',
    '-t',
    'roamhome-gate',
    '-p',
    'authpriv.warning',
    '--',
  ]);
  const text = argv.at(-1) ?? '';
  expect(text).toMatch(
    /^refused the key of mac7 from 192\.0\.2\.7: it is no command of Roamhome: zfs destroy 'x'; \\u\{a\}<13>forged/,
  );
  expect(text).toMatch(/^[ -~]{1,900}$/);
  expect(text).toContain('(100036 characters)');
});

test('a backslash that was sent cannot be taken for one of ours', () => {
  expect(refusalLine('\\u{a}')).toBe('roamhome-gate: refused: \\u{5c}u{a}\n');
});

test('the longest that a client can send in each part stays one entry of syslog', () => {
  const worst = '\u{1f600}'.repeat(1000);
  const argv = auditArgv(worst, { line: worst, who: `the key of ${'m'.repeat(64)}`, from: worst });
  expect((argv.at(-1) ?? '').length).toBeLessThanOrEqual(1000);
});

test('a Mac that is refused is told by which means, and what to do', () => {
  const result = { exitCode: 126, signal: null, stdout: '', stderr: refusalLine('this key may only read') };
  expect(zfsError('server', ['zfs', 'receive', '-u', '-s', 'data/profiles/alice'], result)).toMatchObject({
    code: 'command-refused',
    message:
      'zfs receive data/profiles/alice on server failed (exit 126): roamhome-gate: refused: this key may only read',
    remedy: expect.stringContaining('/etc/roamhome/keys') as string,
  });
});

test('a token whose snapshot is gone is as useless as zfs would find it', () => {
  const stderr = refusalLine(
    "cannot resume send: 'data/profiles/alice@a' used in the initial send no longer exists",
  );
  const result = { exitCode: 126, signal: null, stdout: '', stderr };
  expect(zfsError('server', ['zfs', 'send', '-t', '1-a-b-c'], result)).toMatchObject({
    code: 'token-unusable',
  });
});
