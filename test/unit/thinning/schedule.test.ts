import { describe, expect, test } from 'vitest';
import { RoamhomeError } from '../../../src/errors/errors.ts';
import { duration } from '../../../src/thinning/duration.ts';
import { maximumAgeOf, parseMaximumAges } from '../../../src/thinning/maximum-ages.ts';
import { ScheduleInvalidError } from '../../../src/thinning/schedule-error.ts';
import { formatAutobackup, formatTimeMachine, parseSchedule } from '../../../src/thinning/schedule.ts';
import type { DatasetName } from '../../../src/zfs/names.ts';

const day = 86_400;
/** interval, life, in seconds. */
const seconds = (text: string) =>
  parseSchedule(text).rules.map(({ interval, life }) => [interval.seconds, life.seconds]);

describe('both notations', () => {
  test.each<[string, string, number, number[][]]>([
    [
      "ZFS-TimeMachine's default",
      '24h=>5min,7d=>1h,90d=>1d,1y=>1w,10y=>1month',
      0,
      [
        [300, day],
        [3600, 7 * day],
        [day, 90 * day],
        [7 * day, 365.25 * day],
        [30 * day, 3652.5 * day],
      ],
    ],
    [
      "zfs-autobackup's",
      '10,1d1w,1w1m,1m1y',
      10,
      [
        [day, 7 * day],
        [7 * day, 30 * day],
        [30 * day, 365.25 * day],
      ],
    ],
    ['m is a minute before =>', '1h=>1m', 0, [[60, 3600]]],
    ['m is a month without', '1d1m', 0, [[day, 30 * day]]],
    ['min in both', '5min1h', 0, [[300, 3600]]],
    ['an interval may be as long as its life', '1s1s', 0, [[1, 1]]],
    ['a number alone', '3', 3, []],
    ['long names, in capitals too', '2Weeks=>36hours', 0, [[36 * 3600, 14 * day]]],
    [
      'spaces around parts, any order',
      ' 7d => 1h , 24h=>5min ',
      0,
      [
        [300, day],
        [3600, 7 * day],
      ],
    ],
  ])('%s: %s', (_what, text, newest, rules) => {
    expect(parseSchedule(text).newest).toBe(newest);
    expect(seconds(text)).toEqual(rules);
  });

  test.each<[string, string]>([
    ['24h=>5min,7d=>1h,90d=>1d,1y=>1w,10y=>1month', '5min24h,1h7d,1d90d,1w1y,1m10y'],
    ['7d=>1d,30d=>1w', '1d7d,1w30d'],
  ])('of one schedule agree: %s is %s', (timeMachine, autobackup) => {
    expect(parseSchedule(timeMachine)).toEqual(parseSchedule(autobackup));
    expect(formatTimeMachine(parseSchedule(autobackup))).toBe(timeMachine);
    expect(formatAutobackup(parseSchedule(timeMachine))).toBe(autobackup);
  });

  test('a number of the newest is for one of them only', () => {
    expect(formatAutobackup(parseSchedule('10,1d1w'))).toBe('10,1d1w');
    expect(formatTimeMachine(parseSchedule('10,1d1w'))).toBeNull();
  });
});

describe('what is refused, with its place', () => {
  test.each<[string, number, RegExp]>([
    ['', 1, /expected a number or an interval \(1d1w\), found the end/],
    ['24h=>5min,', 11, /expected an age \(24h\), found the end/],
    ['24h=>5min x', 11, /expected a comma or the end, found "x"/],
    ['24h=>5min;7d=>1h', 10, /expected a comma or the end, found ";"/],
    ['24h=>', 6, /expected an interval/],
    ['24h=5min,7d=>1h', 4, /expected =>, found "="/],
    ['24h=>5min,10', 13, /expected a unit, found the end; the units of ZFS-TimeMachine's/],
    ['24h=>5mon', 1, /the interval is longer/],
    ['24h=>5fortnights', 7, /there is no unit "fortnights"; .* are s, min, h, d, w, month, y$/],
    ['10,1d1month', 7, /there is no unit "month"; .* are s, min, h, d, w, m, y$/],
    ['10,1d', 6, /expected the age until which it holds \(1d1w\), found the end/],
    ['1d1w5', 5, /expected a comma/],
    ['10,1w1d', 4, /the interval is longer than the age/],
    ['7d=>1h,1h=>1d', 8, /the interval is longer than the age/],
    ['10,20', 4, /said twice/],
    ['0', 1, /0 is not possible/],
    ['1d0w', 3, /0 is not possible/],
    ['-1', 1, /found "-"/],
    ['1.5d1w', 2, /expected a comma or the end, found "\."/],
    ['1d9999y', 3, /longer than 1000 years/],
    ['99999999999999999999', 1, /not possible/],
  ])('%j at %d', (text, place, why) => {
    const error = caught(() => parseSchedule(text));
    expect(error.code).toBe('schedule-invalid');
    expect(error.message).toMatch(why);
    expect(error.message).toContain(`at character ${place}: `);
    expect(error.message).not.toContain('\n');
    expect(error.excerpt).toEqual([text, `${' '.repeat(place - 1)}^`]);
    expect(error.remedy).toContain('24h=>5min');
  });

  test('of a long one the part around it is shown', () => {
    const good = Array.from({ length: 20 }, () => '24h=>5min').join(',');
    const [text, caret] = caught(() => parseSchedule(`${good},oops,${good}`)).excerpt;
    expect(text.length).toBeLessThan(76);
    expect(text[caret.length - 1]).toBe('o');
    expect([text.startsWith('…'), text.endsWith('…')]).toEqual([true, true]);
  });
});

describe('maximum ages', () => {
  const ages = parseMaximumAges({ '.+/(Dropbox|Downloads|Caches|Logs)$': '1month', '/alice/': '2w' });

  test.each<[string, number | null]>([
    ['data/profiles/bob', null],
    ['data/profiles/bob/Downloads', 30 * day],
    ['data/profiles/bob/Downloads2', null],
    ['data/profiles/alice/Library/Caches', 14 * day],
    ['data/profiles/alice', null],
  ])('%s: the smallest that matches', (dataset, want) => {
    expect(maximumAgeOf(dataset as DatasetName, ages)?.seconds ?? null).toBe(want);
  });

  test.each<[Record<string, string>, string]>([
    [
      { '.+/Caches$': '1 month' },
      `the maximum age of .+/Caches$, "1 month" is not understood at character 2: expected a unit`,
    ],
    [{ a: '1month!' }, 'at character 7: expected the end, found "!"'],
    [{ 'a(': '1d' }, 'the pattern of a maximum age "a(" is not understood at character 1'],
  ])('%j is refused', (given, message) => {
    expect(caught(() => parseMaximumAges(given)).message).toContain(message);
  });
});

test('a duration is what was written', () => {
  expect(duration(90, 'd')).toEqual({ count: 90, unit: 'd', seconds: 90 * day });
});

function caught(run: () => unknown): ScheduleInvalidError {
  try {
    run();
  } catch (error) {
    if (error instanceof RoamhomeError && error instanceof ScheduleInvalidError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
