import { expect, test } from 'vitest';
import { formatTable, settingRows, settingsToJson } from '../../../../src/cli/config/table.ts';
import { describeError } from '../../../../src/cli/framework/report-error.ts';
import { systemKind } from '../../../../src/config/system-kind.ts';
import { openSystem, terminalMode } from '../../../../src/wire/system.ts';
import { defaultsFor } from '../../../../src/config/defaults.ts';
import { mergeLayers } from '../../../../src/config/merge.ts';
import { ConfigInvalidError } from '../../../../src/config/mistakes.ts';
import { readSetFlags } from '../../../../src/config/set-flags.ts';
import { RoamhomeError } from '../../../../src/errors/errors.ts';

const unreachable = new RoamhomeError({
  code: 'server-unreachable',
  message: 'cannot reach server:22\n  within 10 s \u001b[31m',
  remedy: 'Wait. password=hunter2',
  cause: new Error('first', { cause: { code: 'second' } }),
});

test('a foreseen error: what happened, and what to do, without control characters and secrets', () => {
  expect(describeError(unreachable, { verbose: false })).toEqual([
    'roamhome: cannot reach server:22 within 10 s \\u001b[31m',
    '  what to do: Wait. password=[redacted]',
  ]);
});

test('with its causes when asked', () => {
  expect(describeError(unreachable, { verbose: true })).toEqual([
    expect.stringContaining('cannot reach') as string,
    '  because: first',
    '  because: {"code":"second"}',
    expect.stringContaining('what to do') as string,
  ]);
});

test('mistakes in the configuration, one a line', () => {
  const error = new ConfigInvalidError([
    { source: '/f', key: 'a.b', found: '1', allowed: '2' },
    { source: '--set', key: null, found: '3', allowed: '4' },
  ]);
  expect(describeError(error, { verbose: false })).toEqual([
    'roamhome: the configuration is invalid',
    '  /f: a.b: found 1, expected 2',
    '  --set: found 3, expected 4',
    expect.stringContaining('what to do') as string,
  ]);
});

test('a bug: the stack, and where to go with it', () => {
  const lines = describeError(new TypeError('x is undefined'), { verbose: false });
  expect(lines[0]).toBe('roamhome: TypeError: x is undefined');
  expect(lines[1]).toMatch(/^ +at .*report\.test\.ts/);
  expect(lines.at(-1)).toMatch(/please report this/);
  expect(describeError('thrown text', { verbose: false })[0]).toBe('roamhome: thrown text');
});

test('a circle of causes ends', () => {
  const error = new RoamhomeError({ code: 'locked', message: 'm', remedy: 'r' });
  const cause = new Error('c');
  cause.cause = cause;
  error.cause = cause;
  expect(describeError(error, { verbose: true })).toHaveLength(12);
});

test('the table of settings', () => {
  const loaded = mergeLayers(defaultsFor('linux', 'mac7'), [
    readSetFlags(['server.port=2222', 'zfsPath=/a:/b']),
  ]);
  const rows = settingRows(loaded);
  const lines = formatTable(rows, loaded).split('\n');
  expect(lines).toHaveLength(rows.length);
  expect(lines[0]).toMatch(/^server\.address +\(not set\)$/);
  expect(lines.find((line) => line.startsWith('server.port'))).toMatch(/ 2222 +--set$/);
  expect(lines.find((line) => line.startsWith('zfsPath'))).toMatch(/ \/a:\/b +--set$/);
  expect(lines.find((line) => line.startsWith('policies.createOnServer'))).toMatch(/ true +default$/);
  // Long values stand out of the column; they do not move the column for all.
  const long = /^(?:log\.file|thinning\.schedule)/;
  const sources = lines.filter((line) => !long.test(line) && !line.endsWith('(not set)'));
  expect(new Set(sources.map((line) => line.search(/(?:default|--set)$/))).size).toBe(1);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(settingsToJson(rows, loaded)).toMatchObject({
    settings: {
      'server.address': { value: null, source: null },
      'server.port': { value: 2222, source: '--set' },
    },
    mistakes: [],
  });
});

test.each([
  [{ verbose: false, isTty: true, noColor: false }, 'tty'],
  [{ verbose: false, isTty: true, noColor: true }, 'plain'],
  [{ verbose: true, isTty: false, noColor: false }, 'plain'],
  [{ verbose: false, isTty: false, noColor: false }, 'off'],
] as const)('events on standard error: %j is %s', (options, want) => {
  expect(terminalMode(options)).toBe(want);
});

test('the systems', async () => {
  expect(systemKind('darwin')).toBe('macos');
  expect(systemKind('linux')).toBe('linux');
  expect(() => systemKind('win32')).toThrow(expect.objectContaining({ code: 'usage' }));
  for (const kind of ['macos', 'linux'] as const) {
    const system = openSystem(defaultsFor(kind, 'x'), kind);
    expect(system.platform.kind).toBe(kind);
    await system.localHost.close();
  }
});
