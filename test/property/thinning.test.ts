import fc from 'fast-check';
import { expect, test } from 'vitest';
import { duration, type Duration, type Unit } from '../../src/thinning/duration.ts';
import {
  formatAutobackup,
  formatTimeMachine,
  parseSchedule,
  type Rule,
  type Schedule,
} from '../../src/thinning/schedule.ts';
import { thin, type Pin, type ThinOptions, type Thinnable } from '../../src/thinning/thin.ts';
import type { Guid, SnapshotName } from '../../src/zfs/names.ts';
import { defaultSchedule, guidsOf, leftOf, optionsAt, snapshotsAt } from '../support/thinning/snapshots.ts';

const numRuns = Number(process.env['ROAMHOME_THINNINGS'] ?? 300);
const check = <T extends unknown[]>(property: fc.IProperty<T>): void => {
  fc.assert(property, { numRuns });
};

const hour = 3600;
const day = 24 * hour;
/** 2026-11-20 06:45 UTC. */
const beginning = 1_795_157_100;

// Most of them about as long as the histories and near to each other: what depends on the order of thinning shows where
// one life ends just after another.
const durations = fc
  .oneof(
    {
      weight: 4,
      arbitrary: fc.tuple(fc.constantFrom(1, 2, 3, 5, 8, 12, 13, 24), fc.constantFrom<Unit>('h')),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom<Unit>('s', 'min', 'd', 'w', 'month', 'y'),
      ),
    },
  )
  .map(([count, unit]): Duration => duration(count, unit));
const rules = fc
  .tuple(durations, durations)
  .map(([a, b]): Rule => (a.seconds <= b.seconds ? { interval: a, life: b } : { interval: b, life: a }));
const schedules: fc.Arbitrary<Schedule> = fc
  .record({ newest: fc.integer({ min: 0, max: 5 }), rules: fc.array(rules, { maxLength: 5 }) })
  .filter(({ newest, rules: list }) => newest > 0 || list.length > 0)
  // Through its own text, for the order.
  .map((schedule) => parseSchedule(formatAutobackup(schedule)));

/** How long after the one before each snapshot was made: a crowd, and gaps; sometimes the clock had been set back. */
const steps = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 0, max: 2 * hour }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 20 * day }) },
  { weight: 1, arbitrary: fc.integer({ min: -3 * day, max: 0 }) },
);
const histories = fc.array(steps, { maxLength: 60, size: 'max' }).map((list) => {
  let creation = beginning;
  return snapshotsAt(list.map((step) => (creation += step)));
});
const pinsOf = (guids: readonly number[], pin: Pin): ReadonlyMap<Guid, readonly Pin[]> =>
  new Map(guids.map((guid) => [String(guid) as Guid, [pin]]));
const pinned = fc
  .tuple(
    fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 6 }),
    fc.constantFrom<Pin>('unsynced', 'common', 'held', 'origin'),
  )
  .map(([guids, pin]) => pinsOf(guids, pin));
const ages = fc.option(durations, { nil: null });
const later = fc.oneof(fc.integer({ min: 0, max: day }), fc.integer({ min: 0, max: 900 * day }));
const options = fc.record({ schedule: schedules, pins: pinned, maximumAge: ages, later });

/** Some time after the last of them. */
const nowAfter = (snapshots: readonly Thinnable[], later: number): number =>
  Math.max(beginning, ...snapshots.map(({ creation }) => creation)) + later;

/** Thins at the instants, each time what was made by then, and once more at the end. */
function thinAlong(
  snapshots: readonly Thinnable[],
  instants: readonly number[],
  end: number,
  rest: Partial<ThinOptions>,
): readonly Thinnable[] {
  let left: readonly Thinnable[] = [];
  let made = 0;
  // A snapshot is there from the latest time that the clock showed until it was made: that is the order of createtxg.
  let latest = 0;
  for (const now of [...instants].sort((a, b) => a - b)) {
    const fresh: Thinnable[] = [];
    for (let next = snapshots[made]; next !== undefined; next = snapshots[made]) {
      latest = Math.max(latest, next.creation);
      if (latest > now) break;
      fresh.push(next);
      made += 1;
    }
    left = leftOf([...left, ...fresh], optionsAt(now, rest));
  }
  return leftOf([...left, ...snapshots.slice(made)], optionsAt(end, rest));
}

const isSetBack = (snapshots: readonly Thinnable[]): boolean =>
  snapshots.some(({ creation }, at) => creation < (snapshots[at - 1]?.creation ?? 0));

test('thinning at any instants and thinning once at the end leave the same', () => {
  check(
    fc.property(
      histories,
      options,
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 60, size: 'max' }),
      (snapshots, { later, ...rest }, parts) => {
        const end = nowAfter(snapshots, later);
        const instants = parts.map((part) => beginning + Math.floor(part * (end - beginning)));
        const along = thinAlong(snapshots, instants, end, rest);
        const once = guidsOf(leftOf(snapshots, optionsAt(end, rest)));
        // Where the clock was set back and a maximum age takes one of the newest, an older one is among the newest next time.
        const mayKeepMore = rest.maximumAge !== null && isSetBack(snapshots);
        expect(mayKeepMore ? guidsOf(along).filter((guid) => once.includes(guid)) : guidsOf(along)).toEqual(
          once,
        );
      },
    ),
  );
});

test('of each block in its life that had a snapshot one survives, for each rule', () => {
  check(
    fc.property(histories, options, (snapshots, { later, ...rest }) => {
      const now = nowAfter(snapshots, later);
      const left = leftOf(snapshots, optionsAt(now, rest));
      for (const { interval, life } of rest.schedule.rules) {
        const block = ({ creation }: Thinnable): number => Math.floor(creation / interval.seconds);
        const survivors = new Set(left.map(block));
        for (const snapshot of snapshots) {
          const begin = block(snapshot) * interval.seconds;
          const lives = begin + interval.seconds > now - life.seconds;
          const allowed = rest.maximumAge === null || begin >= now - rest.maximumAge.seconds;
          if (lives && allowed) expect(survivors).toContain(block(snapshot));
        }
      }
    }),
  );
});

test('nothing younger than a rule’s life goes but for an older one of its block', () => {
  check(
    fc.property(histories, options, (snapshots, { later, schedule, pins }) => {
      const now = nowAfter(snapshots, later);
      const { kept, destroyed } = thin(snapshots, optionsAt(now, { schedule, pins }));
      const left = new Set(kept.map(({ snapshot }) => snapshot));
      for (const { snapshot, reasons } of destroyed) {
        for (const { interval, life } of schedule.rules) {
          if (now - snapshot.creation > life.seconds) continue;
          const reason = reasons.find(
            (one) => one.kind === 'older-in-block' && one.rule.interval === interval,
          );
          const oldest = reason?.kind === 'older-in-block' ? reason.oldest : undefined;
          expect(oldest !== undefined && left.has(oldest)).toBe(true);
          expect(oldest?.createtxg).toBeLessThan(snapshot.createtxg);
        }
      }
    }),
  );
});

test('nothing pinned, newest, from the future or foreign goes, and every verdict has a reason', () => {
  check(
    fc.property(
      histories,
      options,
      fc.integer({ min: 0, max: 60 }),
      (snapshots, { later, ...rest }, foreign) => {
        const mixed = snapshots.map((one, i): Thinnable =>
          i % 7 === foreign % 7
            ? { ...one, name: one.name.replace('@roamhome-', '@auto-') as SnapshotName }
            : one,
        );
        const now = nowAfter(snapshots, later) - 5 * day;
        const { kept, destroyed } = thin(mixed, optionsAt(now, rest));
        expect(kept.length + destroyed.length).toBe(snapshots.length);
        for (const { reasons } of [...kept, ...destroyed]) expect(reasons.length).toBeGreaterThan(0);
        for (const { snapshot } of destroyed) {
          expect(rest.pins.has(snapshot.guid)).toBe(false);
          expect(snapshot).not.toBe(mixed.at(-1));
          expect(snapshot.creation).toBeLessThanOrEqual(now);
          expect(snapshot.name).toContain('@roamhome-');
        }
      },
    ),
  );
});

test('thinning what is thinned changes nothing', () => {
  check(
    fc.property(histories, options, (snapshots, { later, ...rest }) => {
      const thinning = optionsAt(nowAfter(snapshots, later), rest);
      const once = leftOf(snapshots, thinning);
      expect(leftOf(once, thinning)).toEqual(once);
    }),
  );
});

test('with a maximum age nothing of the schedule’s is older', () => {
  check(
    fc.property(histories, schedules, durations, (snapshots, schedule, maximumAge) => {
      const now = nowAfter(snapshots, 0);
      for (const { creation } of leftOf(snapshots, optionsAt(now, { schedule, maximumAge })).slice(0, -1))
        expect(now - creation).toBeLessThanOrEqual(maximumAge.seconds);
    }),
  );
});

test('both notations of a schedule are read as the same, and leave the same', () => {
  check(
    fc.property(histories, schedules, (snapshots, schedule) => {
      expect(parseSchedule(formatAutobackup(schedule))).toEqual(schedule);
      const other = formatTimeMachine(schedule);
      if (other === null) return;
      expect(parseSchedule(other)).toEqual(schedule);
      const now = nowAfter(snapshots, day);
      expect(leftOf(snapshots, optionsAt(now, { schedule: parseSchedule(other) }))).toEqual(
        leftOf(snapshots, optionsAt(now, { schedule })),
      );
    }),
  );
});

/**
 * A snapshot an hour for two years, named in Berlin's local time as the scripts of before did: at the end of summer time two have one
 * hour in their name. The clock is set back by 90 days once and by an hour now and then; the machine is off for weeks.
 */
function twoYears(): readonly Thinnable[] {
  const local = new Intl.DateTimeFormat('sv-SE', {
    timeZone: 'Europe/Berlin',
    dateStyle: 'short',
    timeStyle: 'medium',
  });
  const creations: number[] = [];
  for (let i = 0; i < 2 * 365 * 24; i++) {
    const setBack = i > 5000 && i < 5300 ? 90 * day : i % 1000 < 3 ? hour : 0;
    const off = (i > 9000 && i < 9700) || i % 2000 < 200;
    if (!off) creations.push(beginning + i * hour - setBack);
  }
  return snapshotsAt(creations).map((snapshot) => ({
    ...snapshot,
    name: `data/profiles/alice@${local.format(snapshot.creation * 1000).replaceAll(/[ :]/g, '-')}` as SnapshotName,
  }));
}

test('two years of hourly snapshots, with summer time, clocks set back and gaps', () => {
  const snapshots = twoYears();
  expect(new Set(snapshots.map(({ name }) => name)).size).toBeLessThan(snapshots.length);
  const end = beginning + 2 * 365 * day;
  const match = /^\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d$/;
  const once = leftOf(snapshots, optionsAt(end, { match }));
  const daily = Array.from({ length: 730 }, (_, i) => beginning + i * day + ((i * 7919) % day));
  expect(guidsOf(thinAlong(snapshots, daily, end, { match }))).toEqual(guidsOf(once));
  for (const { interval, life } of defaultSchedule.rules) {
    const block = ({ creation }: Thinnable): number => Math.floor(creation / interval.seconds);
    const lives = snapshots.filter(({ creation }) => creation > end - life.seconds).map(block);
    const survivors = new Set(once.map(block));
    expect(lives.every((one) => survivors.has(one))).toBe(true);
  }
  expect(once.length).toBeLessThan(600);
});
