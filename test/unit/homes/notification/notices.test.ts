import { expect, test } from 'vitest';
import { linuxNoticeArgv } from '../../../../src/platform/linux/notice.ts';
import { macosNoticeArgv } from '../../../../src/platform/macos/notice.ts';
import { noticesOf } from '../../../../src/homes/notification/notices.ts';
import { parseRunStatus, type RunStatus } from '../../../../src/homes/notification/run-status.ts';
import { problemForUser } from '../../../../src/progress/user-words.ts';
import { statusJson } from '../../../../src/watchers/status-json.ts';
import { done, failed, receiving } from '../../../support/watchers/views.ts';

const ended: RunStatus = { run: 'login', pid: 7, state: 'done', updatedAt: 0, error: null, notices: [] };
const away = { code: 'server-unreachable' };

test.each<[string, Partial<RunStatus>, readonly string[]]>([
  ['all went well', {}, []],
  [
    'a login without the server',
    { state: 'failed', error: away },
    [
      '! Your home may not be up to date: The server cannot be reached now. You see your home as it was last on this computer. Your work is safe here and is sent later.',
    ],
  ],
  [
    'a checkpoint that could not send',
    { run: 'checkpoint', state: 'failed', error: away },
    [
      '! Your work was not sent: The server cannot be reached now. Your work is safe on this computer. It is sent as soon as the server answers.',
    ],
  ],
  [
    'a failure that only an admin understands',
    { run: 'logout', state: 'failed', error: { code: 'encryption-root' } },
    [
      '! Your work was not sent: Your work could not be sent. Ask your admin, and name this: encryption-root.',
    ],
  ],
  [
    'a conflict',
    { notices: ['What was made on this Mac\nis kept'] },
    ['About your home: What was made on this Mac is kept'],
  ],
  [
    'a run that was killed',
    { state: 'receiving' },
    [
      '! Your home may not be up to date: It was cut off before it was done. Nothing is lost. If files are missing, log out and in again.',
    ],
  ],
  [
    'control characters, and more than is shown',
    { notices: ['\u001b[31mred\u202e', 'X'.repeat(400), 'C', 'D'] },
    ['About your home: [31mred', `About your home: ${'X'.repeat(299)}…`, 'About your home: C'],
  ],
])('the notice of %s', (_what, own, want) => {
  const notices = noticesOf({ ...ended, ...own });
  expect(notices.map(({ isUrgent, title, text }) => `${isUrgent ? '! ' : ''}${title}: ${text}`)).toEqual(
    want,
  );
});

test('reads what the status file of every state says, and nothing else', () => {
  for (const view of [receiving, failed, done])
    expect(parseRunStatus(statusJson({ what: 'login', user: 'alice' }, 42, view))).toEqual({
      ...{ run: 'login', pid: 42, state: view.activity, updatedAt: view.at, notices: view.notices ?? [] },
      error: view.problem === null ? null : { code: 'stalled' },
    });
  for (const text of ['', '[]', '{"run":"login"}', '{"run":"other","pid":1,"state":"done","error":null}'])
    expect(() => parseRunStatus(text), text).toThrow();
});

test('that no snapshot was made is not told as if nothing were lost', () => {
  for (const run of ['login', 'logout', 'push'] as const) {
    const text = problemForUser(run, 'no-snapshot');
    expect(text).toMatch(/NOT saved .* tell your admin now/);
    expect(text).not.toMatch(/safe|lost/);
  }
});

test('no failure shows a user a name of zfs’s, a command or a setting', () => {
  for (const run of ['login', 'logout', 'push', 'restore'] as const)
    for (const code of [
      'server-unreachable',
      'locked',
      'no-space',
      'home-busy',
      'home-missing',
      'logged-in-elsewhere',
      'diverged',
    ]) {
      const text = problemForUser(run, code);
      expect(text).not.toMatch(/[`/]|zfs|dataset|roamhome|root/);
      expect(text.length).toBeLessThan(200);
    }
});

const hostile = { isUrgent: true, title: '-e', text: '" & do shell script "id" <b>\\n' };

test('macOS: no word of a notice is code, or an option', () => {
  const argv = macosNoticeArgv(hostile);
  const at = argv.indexOf('Roamhome');
  expect(argv.slice(at)).toEqual(['Roamhome', '-e', hostile.text]);
  expect(argv.slice(0, at)).toEqual(macosNoticeArgv({ isUrgent: false, title: 'a', text: 'b' }).slice(0, at));
});

test('Linux: no word of a notice is an option, markup or an escape', () => {
  expect(linuxNoticeArgv(hostile)).toEqual([
    ...['notify-send', '--app-name=Roamhome', '--urgency=critical', '--', '-e'],
    '" &amp; do shell script "id" &lt;b&gt;\\\\n',
  ]);
  expect(linuxNoticeArgv({ ...hostile, isUrgent: false })).toContain('--urgency=normal');
});
