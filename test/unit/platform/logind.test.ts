import { describe, expect, test } from 'vitest';
import type { CommandResult } from '../../../src/host/host.ts';
import { otherSessions, sessionOfCgroup } from '../../../src/platform/linux/logind.ts';
import { fakeHost } from '../../support/fake-host.ts';

const list = 'loginctl --no-legend --no-pager list-sessions';
const properties = ['Id', 'State', 'Class', 'Service', 'Remote', 'RemoteHost', 'Seat', 'TTY'];
const show = (id: string): string =>
  `loginctl --no-pager show-session ${id} ${properties.map((name) => `--property=${name}`).join(' ')}`;

const alice = { name: 'alice', uid: 1000, gid: 1000 };
/** Of systemd 252, 257 and elogind: the columns differ, but for the first two. */
const lists = {
  'systemd 252': `      2 1000 alice seat0 tty2\n      5 1000 alice       pts/0\n     c1  118 gdm   seat0 tty1\n     11 1001 bob         \n`,
  'systemd 257': `2  1000 alice seat0 2212 user    tty2 no -\n5  1000 alice -     3101 user    -    no -\nc1 118  gdm   seat0 1480 greeter tty1 no -\n11 1001 bob   -     4000 user    -    no -\n`,
  'elogind 252': `      2 1000 alice seat0 tty2 active  no   -    \n      5 1000 alice -     -    active  no   -    \n     c1  118 gdm   seat0 tty1 active  no   -    \n     11 1001 bob   -     -    closing no   -    \n`,
};
const desktop = {
  stdout:
    'Id=2\nTTY=tty2\nRemote=no\nService=gdm-password\nSeat=seat0\nClass=user\nState=active\nUnknown=x=y\n',
};
const ssh = {
  stdout: 'Id=5\nTTY=\nRemote=yes\nRemoteHost=192.0.2.7\nService=sshd\nSeat=\nClass=user\nState=active\n',
};
const others = (own: string | null, answers: Readonly<Record<string, Partial<CommandResult>>>) =>
  otherSessions(fakeHost(answers), alice, own);

describe('the sessions that logind knows', () => {
  test.each(Object.entries(lists))('%s: those of the user alone', async (_version, stdout) => {
    expect(await others(null, { [list]: { stdout }, [show('2')]: desktop, [show('5')]: ssh })).toEqual([
      'session 2 (gdm-password on seat0 on tty2)',
      'session 5 (sshd from 192.0.2.7)',
    ]);
  });

  const listed = { [list]: { stdout: lists['systemd 252'] } };

  test('the one that closes now is none of the others, whatever its state', async () => {
    expect(await others('2', { ...listed, [show('5')]: ssh })).toEqual(['session 5 (sshd from 192.0.2.7)']);
    expect(await others('5', { ...listed, [show('2')]: desktop })).toHaveLength(1);
  });

  test.each([
    ['closes', 'Class=user', 'State=closing'],
    ['is that of jobs', 'Class=background', 'State=active'],
    ['is that of jobs, without a manager', 'Class=background-light', 'State=active'],
    ["is the user's service manager", 'Class=manager', 'State=active'],
    ['is a login window', 'Class=greeter', 'State=online'],
    ['is a lock screen', 'Class=lock-screen', 'State=active'],
  ])('one that %s does not count', async (_what, kind, state) => {
    const stdout = `Id=5\nService=sshd\n${kind}\n${state}\n`;
    expect(await others('2', { ...listed, [show('5')]: { stdout } })).toEqual([]);
  });

  test.each(['Class=user', 'Class=user-light', 'Class=user-early'])('one of %s counts', async (kind) => {
    const stdout = `Id=5\n${kind}\nState=online\n`;
    expect(await others('2', { ...listed, [show('5')]: { stdout } })).toEqual(['session 5']);
  });

  test('one that has ended since it was listed does not count', async () => {
    const stderr = "Failed to get path for session '5': No session '5' known\n";
    expect(await others('2', { ...listed, [show('5')]: { exitCode: 1, stderr } })).toEqual([]);
  });

  test.each<[string, Readonly<Record<string, Partial<CommandResult>>>]>([
    [
      'a machine without systemd',
      {
        [list]: {
          exitCode: 1,
          stderr:
            "System has not been booted with systemd as init system (PID 1). Can't operate.\nFailed to connect to bus: Host is down\n",
        },
      },
    ],
    [
      'a session that cannot be read',
      { ...listed, [show('5')]: { exitCode: 1, stderr: 'Failed to connect to bus: Connection refused\n' } },
    ],
    ['a session without a class', { ...listed, [show('5')]: { stdout: 'Id=5\nState=active\n' } }],
  ])('%s is a failure, not none', async (_what, answers) => {
    await expect(others('2', answers)).rejects.toMatchObject({ code: 'command-failed' });
  });
});

test.each([
  ['0::/user.slice/user-1000.slice/session-2.scope\n', '2'],
  ['12:pids:/user.slice\n1:name=systemd:/user.slice/user-118.slice/session-c1.scope\n', 'c1'],
  ['0::/user.slice/user-1000.slice/session-7.scope/inner\n', '7'],
  ['0::/system.slice/roamhome-pending.service\n', null],
  ['', null],
])('%j is of session %s', (text, session) => {
  expect(sessionOfCgroup(text)).toBe(session);
});
