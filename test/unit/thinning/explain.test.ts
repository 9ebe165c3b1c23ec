import { expect, test } from 'vitest';
import { scheduleToJson, scheduleToText } from '../../../src/cli/schedule/run.ts';
import { maximumAgesOf, scheduleOf } from '../../../src/cli/framework/thinning-settings.ts';
import { describeError } from '../../../src/cli/framework/report-error.ts';
import { defaultsFor } from '../../../src/config/defaults.ts';
import { mergeLayers } from '../../../src/config/merge.ts';
import { readSetFlags } from '../../../src/config/set-flags.ts';
import { leftOfYear } from '../../../src/thinning/explain-schedule.ts';
import { parseSchedule } from '../../../src/thinning/schedule.ts';
import { defaultSchedule } from '../../support/thinning/snapshots.ts';

const now = Date.UTC(2026, 10, 20, 6, 45) / 1000;

test('a schedule in words and as a picture, within 80 columns', () => {
  const text = scheduleToText(defaultSchedule, now);
  expect(text).toMatchInlineSnapshot(`
    "24h=>5min,7d=>1h,90d=>1d,1y=>1w,10y=>1month
    5min24h,1h7d,1d90d,1w1y,1m10y

    Of every 5 minutes the oldest is kept for 24 hours.
    Of every hour the oldest is kept for 7 days.
    Of every day the oldest is kept for 90 days.
    Of every week the oldest is kept for 1 year.
    Of every month the oldest is kept for 10 years.
    They are counted from 1970-01-01 00:00 UTC; each is given up as a whole.
    What no line keeps goes. The newest always stays, and so does what the server
    lacks, what is held or has a clone, and what \`thinning.match\` does not find.

    Of a year of hourly snapshots there would be left:

       ····························▁··········▁▁▁▁▁▁▁▁▁▁▁▁█
       ···············▁·······················▁▁▁▁▁▁▁▁▁▁▁▁█
       ··▁·····························▁······▁▁▁▁▁▁▁▁▁▁▁▁█
       ···················▁···················▁▁▁▁▁▁▁▁▁▁▁▁█
       ······▁·····························▁··▁▁▁▁▁▁▁▁▁▁▁▁█
       ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁█
      ▁··········▁····························▁▁▁▁▁▁▁▁▁▁▁▃█
      12 months    9            6            3          now

      A column is a week, a character a day, the last 24 hours at the bottom right:
      · none left, ▁ one, ▃ 2 to 11, ▅ 12 to 23, █ all 24
      301 of 8760 are left."
  `);
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});

test('a schedule with a number of the newest', () => {
  expect(scheduleToText(parseSchedule('10,1d1w'), now).split('\n').slice(0, 4)).toEqual([
    '10,1d1w',
    '',
    'The newest 10 are kept, however old.',
    'Of every day the oldest is kept for 1 week.',
  ]);
});

test('every hour kept is a full day, none kept is the newest alone', () => {
  expect(leftOfYear(parseSchedule('1h=>1h,10y=>1h'), now).every(({ left }) => left === 24)).toBe(true);
  expect(leftOfYear(parseSchedule('1s1s'), now).filter(({ left }) => left > 0)).toEqual([
    { daysAgo: 0, left: 1 },
  ]);
});

test('for programs', () => {
  const json = scheduleToJson(parseSchedule('10,1d1w'), now);
  expect(json).toMatchObject({
    timeMachine: null,
    autobackup: '10,1d1w',
    newest: 10,
    rules: [
      { interval: { count: 1, unit: 'd', seconds: 86_400 }, life: { count: 1, unit: 'w', seconds: 604_800 } },
    ],
  });
  expect(json['leftOfYear']).toHaveLength(365);
});

test('a mistake is shown with a caret below it', () => {
  expect(
    describeError(
      caught(() => parseSchedule('24h=>5min,7x=>1h')),
      { verbose: false },
    ),
  ).toEqual([
    'roamhome: the schedule "24h=>5min,7x=>1h" is not understood at character 12: there is no unit "x"; the units of ZFS-TimeMachine\'s notation are s, min, h, d, w, month, y',
    '    24h=>5min,7x=>1h',
    '               ^',
    expect.stringContaining('what to do: ') as string,
  ]);
});

test('the configured schedule and ages; a mistake says where it came from', () => {
  const load = (...set: string[]) => mergeLayers(defaultsFor('linux', 'mac'), [readSetFlags(set)]);
  expect(scheduleOf(load())).toEqual(defaultSchedule);
  expect(maximumAgesOf(load())).toEqual([]);
  const ages = load('thinning.maximumAges={".+/(Dropbox|Downloads|Caches|Logs)$": "1month"}');
  expect(maximumAgesOf(ages).map(({ age }) => age.seconds)).toEqual([30 * 86_400]);
  expect(() => scheduleOf(load('thinning.schedule=5h10'))).toThrow(
    '--set: thinning.schedule: found "5h10", expected a schedule such as 24h=>5min,7d=>1h or 10,5min24h,1h7d (at character 5: expected a unit, found the end; ',
  );
  expect(() => maximumAgesOf(load('thinning.maximumAges={"a": "1x"}'))).toThrow(
    '--set: thinning.maximumAges: found {"a":"1x"}, expected ',
  );
  for (const wrong of ['{"a(": "1d"}', '{"a": 1}', 'a=>1d', '[]'])
    expect(load(`thinning.maximumAges=${wrong}`).mistakes[0]?.allowed).toMatch(
      /^ages by regular expressions/,
    );
  expect(load('thinning.match=(').mistakes[0]?.allowed).toMatch(/^a regular expression/);
});

function caught(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was refused');
}
