import { expect, test } from 'vitest';
import { count } from '../../../src/format/count.ts';
import { binarySize } from '../../../src/format/size.ts';
import { ago, isoTime, localTime, span } from '../../../src/format/time.ts';

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [1536, '1.5 KiB'],
  [2 ** 20 - 1, '1.0 MiB'],
  [3 * 2 ** 30, '3.0 GiB'],
  [5000 * 2 ** 50, '5000.0 PiB'],
  // A rate is seldom whole.
  [99.6, '100 B'],
])('%d bytes are %s', (bytes, want) => {
  expect(binarySize(bytes)).toBe(want);
});

test.each([
  [0, '0 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [3_599_999, '59 min'],
  [3_600_000, '1 h'],
  [47 * 3_600_000, '47 h'],
  [48 * 3_600_000, '2 days'],
])('%d ms are %s', (milliseconds, want) => {
  expect(span(milliseconds)).toBe(want);
});

test.each([
  [-1, "by that Mac's clock, which is ahead of this one's"],
  [59_999, 'less than a minute ago'],
  [120_000, '2 min ago'],
])('%d ms before now is %s', (milliseconds, want) => {
  expect(ago(milliseconds)).toBe(want);
});

test('people read the time of this machine, programs UTC', () => {
  const at = new Date(2026, 10, 5, 7, 4, 59).getTime();
  expect(localTime(at)).toBe('2026-11-05 07:04');
  expect(isoTime(at)).toBe(new Date(at).toISOString());
});

test.each([
  [0, '0 snapshots'],
  [1, '1 snapshot'],
  [2, '2 snapshots'],
])('%d: %s', (number, want) => {
  expect(count(number, 'snapshot')).toBe(want);
});

test('a plural of its own', () => {
  expect(count(2, 'branch', 'branches')).toBe('2 branches');
});
