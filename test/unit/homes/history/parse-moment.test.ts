import { describe, expect, test } from 'vitest';
import { parseMoment } from '../../../../src/homes/history/parse-moment.ts';

/** A Thursday, 15:30:20 where this runs. */
const now = new Date(2026, 10, 26, 15, 30, 20);
const at = (month: number, day: number, hour = 23, minute = 59, second = 59, year = 2026): number =>
  new Date(year, month - 1, day, hour, minute, second, second === 59 ? 999 : 0).getTime();

describe("a user's words for a time", () => {
  test.each<[string, number]>([
    ['yesterday 14:00', at(11, 25, 14, 0)],
    ['14:00 yesterday', at(11, 25, 14, 0)],
    ['3 days ago', at(11, 23, 15, 30, 20)],
    ['two weeks ago', at(11, 12, 15, 30, 20)],
    ['an hour ago', at(11, 26, 14, 30, 20)],
    ['19 Nov 2pm', at(11, 19, 14, 0)],
    ['19 Nov 2025', at(11, 19, 23, 59, 59, 2025)],
    ['2026-11-19 14:00', at(11, 19, 14, 0)],
    ['2026-11-19 14:00:05', at(11, 19, 14, 0, 5)],
    ['14:00', at(11, 26, 14, 0)],
    ['noon', at(11, 26, 12, 0)],
    ['Last Friday 2 pm', at(11, 20, 14, 0)],
    ['  last friday 2pm ', at(11, 20, 14, 0)],
    ['this morning', at(11, 26, 6, 0)],
    ['yesterday evening', at(11, 25, 20, 0)],
  ])('%j', (words, want) => {
    expect(new Date(parseMoment(words, now))).toEqual(new Date(want));
  });

  test.each<[string, number]>([
    ['yesterday', at(11, 25)],
    ['last friday', at(11, 20)],
    ['monday', at(11, 23)],
    ['2026-11-19', at(11, 19)],
    ['last night', at(11, 25)],
  ])('%j is all of that day', (words, want) => {
    expect(new Date(parseMoment(words, now))).toEqual(new Date(want));
  });

  test.each([['today'], ['now'], ['15:30']])('%j goes up to now, and not further', (words) => {
    expect(new Date(parseMoment(words, now))).toEqual(now);
  });

  test('of another zone, where they say so', () => {
    expect(parseMoment('2026-11-19T14:00:05+02:00', now)).toBe(Date.UTC(2026, 10, 19, 12, 0, 5));
    expect(parseMoment('2026-11-19T14:00Z', now)).toBe(Date.UTC(2026, 10, 19, 14, 0, 59, 999));
  });

  test.each<[string, RegExp]>([
    ['', /no time/],
    ['novel', /no time/],
    ['5', /no time/],
    ['3 days', /no time/],
    ['Nov 19 foo', /no time/],
    ['31 Feb 2026', /no time/],
    ['2026-11-19 25:00', /no time/],
    ['2026-13-40', /no time/],
    ['2026-11-19 14:00 - 2026-11-20', /no time/],
    ['november', /names no day/],
    ['last week', /names no day/],
    ['11/12/2026', /two ways/],
    ['19.11.2026', /two ways/],
    ['16:00', /still ahead/],
    ['tomorrow', /still ahead/],
    ['in 3 hours', /still ahead/],
    ['1 Dec', /still ahead/],
  ])('%j is refused', (words, message) => {
    expect(() => parseMoment(words, now)).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.stringMatching(message) as string }) as Error,
    );
  });
});
