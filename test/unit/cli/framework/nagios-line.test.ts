import { expect, test } from 'vitest';
import { isPluginAsked, unknownLine } from '../../../../src/cli/framework/nagios-line.ts';
import { RoamhomeError } from '../../../../src/errors/errors.ts';

test.each<[string, boolean]>([
  ['doctor', true],
  ['doctor --server', true],
  ['doctor --server --json', false],
  ['--config /x doctor', true],
  ['status --brief', true],
  ['status', false],
  ['status doctor', false],
  ['--set a=doctor status', false],
  ['thin --server', false],
  ['', false],
])('%s: one line for monitoring: %s', (line, want) => {
  expect(isPluginAsked(line.split(' '))).toBe(want);
});

const error = new RoamhomeError({ code: 'wrong-machine', message: 'no\nserver', remedy: 'Run `a|b`.' });

test('a failure is one line, without a bar, behind which monitoring takes numbers', () => {
  expect(unknownLine(['doctor'], error)).toBe('ROAMHOME UNKNOWN - no server. Run `a/b`.');
  expect(unknownLine(['status', '--brief'], error)).toBe('unknown: no server. Run `a/b`.');
});

test('a bug is told with its stack instead', () => {
  expect(unknownLine(['doctor'], new TypeError('oops'))).toBeNull();
});
