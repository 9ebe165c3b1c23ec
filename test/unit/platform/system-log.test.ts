import { expect, test } from 'vitest';
import { createLinuxPlatform } from '../../../src/platform/linux/linux-platform.ts';
import { loggerArgv } from '../../../src/platform/system-log.ts';
import { fakeHost } from '../../support/fake-host.ts';

test.each([
  ['plain', 'plain'],
  ['two\nlines\r\n', 'two lines'],
  ['bell \u0007 and \u001b[31mcolour', 'bell   and  [31mcolour'],
  ['unicode \u2028 line \u0085 ends', 'unicode   line   ends'],
  ['-p mail.err', '-p mail.err'],
  ['x'.repeat(2000), 'x'.repeat(900)],
])('%j', (message, want) => {
  expect(loggerArgv('warning', message)).toEqual([
    '/usr/bin/logger',
    '-t',
    'roamhome',
    '-p',
    'user.warning',
    '--',
    want,
  ]);
});

test('a failure of logger is nobody else’s', async () => {
  const line = '/usr/bin/logger -t roamhome -p user.err -- x';
  await createLinuxPlatform(fakeHost({ [line]: new Error('gone') })).systemLog('err', 'x');
  const host = fakeHost({ [line]: { exitCode: 1 } });
  await createLinuxPlatform(host).systemLog('err', 'x');
  expect(host.ran).toEqual([line]);
});
