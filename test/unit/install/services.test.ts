import { describe, expect, test } from 'vitest';
import type { CommandResult } from '../../../src/host/host.ts';
import { createSystemd } from '../../../src/platform/linux/systemd.ts';
import { parseConsoleUser, parseSessions } from '../../../src/platform/macos/console.ts';
import { createLaunchd } from '../../../src/platform/macos/launchd.ts';
import { parseHook } from '../../../src/platform/macos/login-hooks.ts';
import { fakeHost, result, type Answer } from '../../support/fake-host.ts';

const failed = (text: RegExp) =>
  expect.objectContaining({
    code: 'command-failed',
    message: expect.stringMatching(text) as string,
  }) as Error;

const print = 'launchctl print system/org.roamhome.thin';
const bootout = 'launchctl bootout system/org.roamhome.thin';
const bootstrap = 'launchctl bootstrap system /Library/LaunchDaemons/org.roamhome.thin.plist';
const there: Answer = { stdout: 'system/org.roamhome.thin = {\n' };
const gone: Answer = {
  exitCode: 113,
  stderr: 'Could not find service "org.roamhome.thin" in domain for system\n',
};
const ioError: Answer = { exitCode: 5, stderr: 'Bootstrap failed: 5: Input/output error\n' };

/** A host whose command answers differently each time; the last answer stays. */
function inTurn(answers: Readonly<Record<string, readonly Answer[]>>) {
  const used = new Map<string, number>();
  return fakeHost(
    Object.fromEntries(
      Object.entries(answers).map(([line, list]): [string, Answer] => [
        line,
        () => {
          const turn = used.get(line) ?? 0;
          used.set(line, turn + 1);
          return list[Math.min(turn, list.length - 1)] as Partial<CommandResult>;
        },
      ]),
    ),
  );
}

describe('launchd', () => {
  const launchd = (answers: Readonly<Record<string, readonly Answer[]>>) => {
    const host = inTurn(answers);
    const services = createLaunchd({ host, sleep: () => Promise.resolve(), pauseMs: 1, tries: 3 });
    return { host, services };
  };

  test.each<[string, Answer, string]>([
    ['a job', there, 'whole'],
    ['no job', gone, 'absent'],
  ])('%s', async (_name, answer, want) => {
    expect(await launchd({ [print]: [answer] }).services.stateOf('thin')).toBe(want);
  });

  test('print that fails otherwise is a failure', async () => {
    const { services } = launchd({ [print]: [{ exitCode: 1, stderr: 'Usage' }] });
    await expect(services.stateOf('thin')).rejects.toEqual(failed(/exit code 1: Usage/));
  });

  test.each<[string, Answer]>([
    ['at once', {}],
    ['when there is none', { exitCode: 3, stderr: 'Boot-out failed: 3: No such process\n' }],
    ['while it is in progress', { exitCode: 36, stderr: 'Boot-out failed: 36: Operation now in progress\n' }],
  ])('stops a job %s, and waits until it is gone', async (_name, answer) => {
    const { services, host } = launchd({ [bootout]: [answer], [print]: [there, there, gone] });
    await services.stop('thin');
    expect(host.ran).toEqual([bootout, print, print, print]);
  });

  test.each<[string, Readonly<Record<string, readonly Answer[]>>, RegExp]>([
    ['bootout fails otherwise', { [bootout]: [{ exitCode: 1, stderr: 'no' }] }, /bootout .*exit code 1: no/],
    ['the job stays', { [bootout]: [{}], [print]: [there] }, /does not let go of org\.roamhome\.thin/],
  ])('stopping: %s', async (_name, answers, want) => {
    await expect(launchd(answers).services.stop('thin')).rejects.toEqual(failed(want));
  });

  test('starting is tried again while the job is on its way out', async () => {
    const { services, host } = launchd({ [bootstrap]: [ioError, ioError, {}], [print]: [gone, gone, there] });
    await services.start('thin');
    expect(host.ran).toEqual([bootstrap, print, bootstrap, print, bootstrap, print]);
  });

  test('a job that somebody else has loaded meanwhile makes way', async () => {
    const { services, host } = launchd({
      [bootstrap]: [ioError, {}],
      [bootout]: [{}],
      [print]: [there, gone, there],
    });
    await services.start('thin');
    expect(host.ran).toEqual([bootstrap, print, bootout, print, bootstrap, print]);
  });

  test.each<[string, Readonly<Record<string, readonly Answer[]>>, RegExp]>([
    ['it is never taken', { [bootstrap]: [ioError], [print]: [gone] }, /does not take .*Input\/output error/],
    ['it is not there afterwards', { [bootstrap]: [{}], [print]: [gone] }, /does not take .*not there/],
    ['bootstrap fails otherwise', { [bootstrap]: [{ exitCode: 125, stderr: 'x' }] }, /exit code 125: x/],
  ])('starting: %s', async (_name, answers, want) => {
    await expect(launchd(answers).services.start('thin')).rejects.toEqual(failed(want));
  });
});

describe('systemd', () => {
  const show = (unit: string) =>
    `systemctl show -p LoadState,ActiveState,UnitFileState roamhome-pending.${unit}`;
  const unit = (active: string, file: string): Answer => ({
    stdout: `LoadState=loaded\nActiveState=${active}\nUnitFileState=${file}\n`,
  });
  const [on, off] = [unit('active', 'enabled'), unit('inactive', '')];

  test.each<[string, Answer, Answer, string]>([
    ['both run', on, on, 'whole'],
    ['none is there', off, off, 'absent'],
    ['one runs', on, off, 'partly'],
    ['one is not enabled', on, unit('active', 'disabled'), 'partly'],
    ['one is not active', unit('inactive', 'enabled'), on, 'partly'],
  ])('timer and path: %s', async (_name, timer, path, want) => {
    const host = fakeHost({ [show('timer')]: timer, [show('path')]: path });
    expect(await createSystemd(host).stateOf('pending')).toBe(want);
  });

  test.each<[string, Answer]>([
    ['another exit code', { exitCode: 1, stderr: 'Failed to connect to bus' }],
    ['a line that is none', { stdout: 'ActiveState=active\nUnitFileState=enabled\nnonsense\n' }],
    ['a state that is missing', { stdout: 'ActiveState=active\n' }],
  ])('%s is a failure', async (_name, answer) => {
    const host = fakeHost({ [show('timer')]: answer });
    await expect(createSystemd(host).stateOf('pending')).rejects.toEqual(failed(/^systemctl show/));
  });

  test('stops what starts the service before the service', async () => {
    const commands = [
      'systemctl disable --now roamhome-pending.timer roamhome-pending.path',
      'systemctl stop roamhome-pending.service',
    ];
    const host = fakeHost(Object.fromEntries(commands.map((line) => [line, {}])));
    await createSystemd(host).stop('pending');
    expect(host.ran).toEqual(commands);
    const broken = fakeHost({ [commands[0] ?? '']: { exitCode: 1, stderr: 'Access denied' } });
    await expect(createSystemd(broken).stop('pending')).rejects.toEqual(failed(/Access denied/));
    expect(broken.ran).toHaveLength(1);
  });
});

describe('defaults', () => {
  const missing =
    '2026-11-20 06:45 defaults[1:2] \nThe domain/default pair of (/a, LoginHook) does not exist\n';
  test.each<[string, Partial<CommandResult>, string | null]>([
    ['a path', { stdout: '/a b/hook\n' }, '/a b/hook'],
    ['none', { exitCode: 1, stderr: missing }, null],
    ['an empty one', { stdout: '\n' }, null],
  ])('%s', (_name, answer, want) => {
    expect(parseHook(['defaults'], result(answer))).toBe(want);
  });

  test.each<[string, Partial<CommandResult>]>([
    ['an array', { stdout: '(\n    "/a"\n)\n' }],
    ['another failure', { exitCode: 1, stderr: 'Could not read' }],
    ['the text with another code', { exitCode: 2, stderr: missing }],
    ['no line', { stdout: '' }],
  ])('%s is a failure', (_name, answer) => {
    expect(() => parseHook(['defaults'], result(answer))).toThrow(failed(/^defaults/));
  });
});

describe('the console', () => {
  test.each([
    ['alice\n', 'alice'],
    ['root\n', null],
  ])('%j', (stdout, want) => {
    expect(parseConsoleUser(result({ stdout }))).toBe(want);
  });

  test.each([{ stdout: '' }, { stdout: 'a b\n' }, { stdout: 'alice\n', exitCode: 1 }])(
    '%j is a failure',
    (answer) => {
      expect(() => parseConsoleUser(result(answer))).toThrow(failed(/^stat -f/));
    },
  );

  test('sessions are those of loginwindow, whatever else is named like it', () => {
    const stdout = [
      '    0 /System/Library/CoreServices/loginwindow.app/Contents/MacOS/loginwindow',
      '  501 /System/Library/CoreServices/loginwindow.app/Contents/MacOS/loginwindow',
      '  502 /Applications/loginwindow helper/other',
      '   -2 /usr/sbin/mDNSResponder',
      '',
    ].join('\n');
    expect([...parseSessions(result({ stdout }))]).toEqual([0, 501]);
    expect(() => parseSessions(result({ stdout: 'x\n' }))).toThrow(failed(/^ps/));
    expect(() => parseSessions(result({ exitCode: 1 }))).toThrow(failed(/^ps/));
  });
});
