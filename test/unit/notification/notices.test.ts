import { expect, test } from 'vitest';
import { linuxNoticeArgv } from '../../../src/linux/notice.ts';
import { macosNoticeArgv } from '../../../src/macos/notice.ts';
import { noticesOf } from '../../../src/notification/notices.ts';
import { parseRunStatus, type RunStatus } from '../../../src/notification/run-status.ts';
import { statusJson } from '../../../src/watchers/status-json.ts';
import { done, failed, receiving } from '../watchers/views.ts';

const ended: RunStatus = { run: 'login', pid: 7, state: 'done', updatedAt: 0, error: null, warnings: [] };
const away = { message: 'cannot reach server:22 within 10 s', remedy: 'It is sent when the server is back.' };

test.each<[string, Partial<RunStatus>, readonly string[]]>([
  ['all went well', {}, []],
  [
    'a login without the server',
    { state: 'failed', error: away },
    [
      '! Your home may not be up to date: Cannot reach server:22 within 10 s. It is sent when the server is back.',
    ],
  ],
  [
    'a checkpoint that could not send',
    { run: 'checkpoint', state: 'failed', error: away },
    ['! Your work was not sent: Cannot reach server:22 within 10 s. It is sent when the server is back.'],
  ],
  [
    'a conflict',
    { warnings: ['what was made on this Mac\nis kept'] },
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
    { warnings: ['\u001b[31mred\u202e', 'x'.repeat(400), 'c', 'd'] },
    ['About your home: [31mred', `About your home: X${'x'.repeat(298)}…`, 'About your home: C'],
  ],
])('issue 6: the notice of %s', (_what, own, want) => {
  const notices = noticesOf({ ...ended, ...own });
  expect(notices.map(({ isUrgent, title, text }) => `${isUrgent ? '! ' : ''}${title}: ${text}`)).toEqual(
    want,
  );
});

test('reads what the status file of every state says, and nothing else', () => {
  for (const view of [receiving, failed, done])
    expect(parseRunStatus(statusJson({ what: 'login', user: 'alice' }, 42, view))).toEqual({
      ...{ run: 'login', pid: 42, state: view.activity, updatedAt: view.at, warnings: view.warnings },
      error: view.problem === null ? null : { message: 'no data\nmoved', remedy: 'Check the network.' },
    });
  for (const text of ['', '[]', '{"run":"login"}', '{"run":"other","pid":1,"state":"done","error":null}'])
    expect(() => parseRunStatus(text), text).toThrow();
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
