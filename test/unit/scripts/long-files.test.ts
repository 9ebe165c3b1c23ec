import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inTurn, nextThatFits } from '../../../scripts/long-files.mjs';

describe('the long files of the lab, where there is a limit of time', () => {
  test('come in an order that the hash of the commit turns', () => {
    expect(inTurn(['b', 'c', 'a'], '00000000ff')).toEqual(['a', 'b', 'c']);
    expect(inTurn(['b', 'c', 'a'], '00000001ff')).toEqual(['b', 'c', 'a']);
    expect(inTurn(['b', 'c', 'a'], '00000005ff')).toEqual(['c', 'a', 'b']);
    expect(inTurn([], 'a7776fee')).toEqual([]);
  });

  test('have a hash, or that is an error', () => {
    expect(() => inTurn(['a'], 'HEAD')).toThrow('not a commit');
  });

  test('all come, each once', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string()),
        fc.string({ minLength: 8, maxLength: 40, unit: fc.nat(15).map((digit) => digit.toString(16)) }),
        (files, hash) => {
          expect([...inTurn(files, hash)].sort()).toEqual([...files].sort());
        },
      ),
    );
  });

  test('start only where twice their recorded time is left', () => {
    const durations = { long: 600, short: 100 };
    expect(nextThatFits(['long', 'short'], durations, { used: 0, limit: 3600 })).toBe('long');
    expect(nextThatFits(['long', 'short'], durations, { used: 2400, limit: 3600 })).toBe('short');
    expect(nextThatFits(['long', 'short'], durations, { used: 3399, limit: 3600 })).toBe('short');
    expect(nextThatFits(['long', 'short'], durations, { used: 3400, limit: 3600 })).toBeNull();
    expect(() => nextThatFits(['new'], durations, { used: 0, limit: 3600 })).toThrow(
      'no recorded time of new',
    );
  });

  test('that have a recorded time are there', () => {
    const recorded = Object.keys(
      JSON.parse(readFileSync('test/e2e/durations.json', 'utf8')) as Record<string, number>,
    );
    expect(recorded.filter((file) => !existsSync(file))).toEqual([]);
  });
});
