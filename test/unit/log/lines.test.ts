import { describe, expect, test } from 'vitest';
import { RoamhomeError } from '../../../src/errors/errors.ts';
import { toJsonLine, toTerminalLine, type LogEvent } from '../../../src/log/lines.ts';
import { toPlain } from '../../../src/log/plain.ts';

const base: LogEvent = {
  time: '2026-11-20T06:45:00.123Z',
  level: 'info',
  event: 'snapshot taken',
  fields: {},
};
const json = (fields: object) => JSON.parse(toJsonLine({ ...base, fields: { ...fields } })) as unknown;
const plain = (fields: object) => toTerminalLine({ ...base, fields: { ...fields } }, { colour: false });

const failure = new RoamhomeError({
  code: 'server-unreachable',
  message: 'cannot reach server:22',
  remedy: 'Wait.',
  cause: new Error('connect ECONNREFUSED', { cause: 'no route' }),
});

describe('JSON', () => {
  test('time, level, event, then the fields', () => {
    expect(toJsonLine({ ...base, fields: { user: 'alice', bytes: 12n } })).toBe(
      '{"time":"2026-11-20T06:45:00.123Z","level":"info","event":"snapshot taken","user":"alice","bytes":"12"}',
    );
  });
  test('a field cannot pass for the event’s own', () => {
    expect(json({ level: 'error', event: 'x', time: 'y' })).toEqual({
      time: base.time,
      level: 'info',
      event: base.event,
    });
  });
  test('one line, whatever is in the fields', () => {
    expect(toJsonLine({ ...base, fields: { step: 'a\nb\r\u2028' } }).split(/\r|\n/)).toHaveLength(1);
  });
  test('an error with code, remedy and causes; a stack only where it was not foreseen', () => {
    expect(json({ error: failure })).toMatchObject({
      error: {
        code: 'server-unreachable',
        message: 'cannot reach server:22',
        remedy: 'Wait.',
        cause: {
          message: 'connect ECONNREFUSED',
          stack: expect.stringContaining('lines.test') as string,
          cause: 'no route',
        },
      },
    });
    expect(json({ error: failure })).not.toHaveProperty('error.stack');
  });
  test('secrets are redacted at any depth', () => {
    const line = toJsonLine({
      ...base,
      fields: {
        argv: ['zfs', 'send', '-t', '1-ab-cd-ef'],
        password: 'hunter2',
        inner: { privateKey: 'x1y2', list: [{ passphrase: 'z3' }] },
        error: new Error('token 1-ab-cd-ef is corrupt'),
      },
    });
    expect(line).not.toMatch(/1-ab-cd-ef|hunter2|x1y2|z3/);
  });
});

test.each<[string, unknown, unknown]>([
  ['a bigint', 2n ** 64n, '18446744073709551616'],
  ['no number', Number.NaN, 'NaN'],
  ['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
  ['no date', new Date(Number.NaN), 'Invalid Date'],
  ['bytes', Buffer.from('secret'), '[6 bytes]'],
  ['a map', new Map([['a', 1n]]), { a: '1' }],
  ['a set', new Set(['a']), ['a']],
  ['a function', () => 1, '[function]'],
  ['undefined in a list', [undefined], [null]],
  ['undefined in an object', { a: undefined }, {}],
])('%s', (_name, value, want) => {
  expect(toPlain(value)).toEqual(want);
});

test('a circle ends', () => {
  const circle: { self?: unknown } = {};
  circle.self = circle;
  expect(JSON.stringify(toPlain(circle))).toContain('[deeper]');
  const error = new Error('a');
  error.cause = error;
  expect(JSON.stringify(toPlain(error))).toContain('[deeper]');
});

test.each<[string, object, string]>([
  ['no fields', {}, '06:45:00 info  snapshot taken'],
  ['plain words', { user: 'alice', bytes: 12n }, '06:45:00 info  snapshot taken user=alice bytes=12'],
  ['spaces', { step: 'a b' }, '06:45:00 info  snapshot taken step="a b"'],
  [
    'an error is its message',
    { error: failure },
    '06:45:00 info  snapshot taken error="cannot reach server:22"',
  ],
  [
    'a terminal’s orders',
    { step: '\u001b[2J\u009b1m' },
    '06:45:00 info  snapshot taken step="\\u001b[2J\\u009b1m"',
  ],
  ['a list', { argv: ['zfs', 'list'] }, '06:45:00 info  snapshot taken argv=["zfs","list"]'],
])('for people: %s', (_name, fields, want) => {
  expect(plain(fields)).toBe(want);
});

test('colour for a terminal', () => {
  expect(toTerminalLine({ ...base, level: 'warn' }, { colour: true })).toBe(
    '06:45:00 \u001b[33mwarn \u001b[0m snapshot taken',
  );
});
