import fc from 'fast-check';
import { expect, test } from 'vitest';
import { worstOf } from '../../src/format/level.ts';
import { parseSessionRecord } from '../../src/homes/presence/session-record.ts';
import { remarksOn, type Judging } from '../../src/homes/status/judge.ts';
import { waitingConflicts } from '../../src/homes/status/waiting-conflicts.ts';
import type { DatasetName } from '../../src/zfs/names.ts';
import type { Dataset } from '../../src/zfs/version.ts';
import { dataset, localHome, serverHome } from '../support/sync/homes.ts';
import { statusOf } from '../support/status/statuses.ts';

const now = Date.UTC(2026, 10, 30, 12);
const dayMs = 86_400_000;
const onServer: Judging = { own: null, unsentHours: 24, sessionHours: 24, now };
const onMac: Judging = { ...onServer, own: { macName: 'mac7', machineId: null } };

/** What may be the matter with one dataset of a home; `unsent`: days since each of its snapshots that the server lacks. */
interface Matter {
  readonly interrupted: boolean;
  readonly written: number;
  readonly unsent: readonly number[];
}

const matter: fc.Arbitrary<Matter> = fc.record({
  interrupted: fc.boolean(),
  written: fc.nat(9000),
  unsent: fc.uniqueArray(fc.integer({ min: 1, max: 30 }), { maxLength: 3 }),
});

/** A home of several datasets on both sides, each with its own matters. */
function homeOf(matters: readonly Matter[]): ReturnType<typeof statusOf> {
  const paths = ['', 'mail', 'photos', 'work'];
  const of = (side: 'local' | 'server'): readonly Dataset[] =>
    matters.map(({ interrupted, written, unsent }, index) => {
      const mine = [...unsent]
        .sort((a, b) => b - a)
        .map((days) => `@m${days}:${Math.floor((now - days * dayMs) / 1000)}`);
      const words = ['@a:1', ...(side === 'local' ? mine : interrupted ? ['>5'] : [])].join(' ');
      const root = side === 'local' ? localHome : serverHome;
      return {
        ...dataset(root, paths[index] ?? '', words),
        written: side === 'local' ? BigInt(written) : 0n,
      };
    });
  return statusOf({ local: of('local'), server: of('server') });
}

test('what is the matter with one dataset of a home shows, whatever the others are like', () => {
  fc.assert(
    fc.property(fc.array(matter, { minLength: 1, maxLength: 4 }), (matters) => {
      const status = homeOf(matters);
      const days = matters.flatMap(({ unsent }) => unsent);
      expect(status.server?.interrupted).toBe(matters.some(({ interrupted }) => interrupted));
      expect(status.unprovenBytes).toBe(matters.reduce((sum, { written }) => sum + written, 0));
      expect(status.unsentSince).toBe(days.length === 0 ? null : now - Math.max(...days) * dayMs);
      expect(status.state).toBe(days.length === 0 ? 'in-sync' : 'pending');
      const told = remarksOn(status, onMac).map(({ text }) => text);
      expect(told.some((text) => text.includes('interrupted transfer'))).toBe(
        matters.some(({ interrupted }) => interrupted),
      );
      expect(told.some((text) => text.includes('written since'))).toBe(
        matters.some(({ written }) => written > 0),
      );
    }),
  );
});

const conflictsRoot = 'tank/conflicts' as DatasetName;

test('the server shows each conflict of which its home lacks something, and no other', () => {
  // Of each conflict its datasets, the first its own: whether the home has got the newest of it.
  const conflict = fc.record({
    user: fc.constantFrom('alice', 'bob'),
    merged: fc.array(fc.boolean(), { minLength: 1, maxLength: 3 }),
  });
  fc.assert(
    fc.property(fc.array(conflict, { maxLength: 5 }), (drawn) => {
      const paths = ['', '/mail', '/photos'];
      const homes = new Map(
        ['alice', 'bob'].map((user) => [
          user,
          paths.map((path, at) => {
            const got = drawn.flatMap((one, index) =>
              one.user === user && one.merged[at] === true ? [`@g${index}:${100 * index + at + 10}`] : [],
            );
            return dataset(`tank/homes/${user}${path}` as DatasetName, '', ['@a:1', ...got].join(' '));
          }),
        ]),
      );
      const nameOf = (index: number): string => `${drawn[index]!.user}-mac7-20261110T12000${index}Z`;
      const conflicts = drawn.flatMap(({ user, merged }, index) =>
        merged.map((_, at) => {
          const name = `${conflictsRoot}/${nameOf(index)}${paths[at] ?? ''}` as DatasetName;
          const found = dataset(name, '', `@a:1 @n:${100 * index + at + 10}`);
          return { ...found, properties: at === 0 ? { 'roamhome:conflict': user } : {} };
        }),
      );
      const shown = [...waitingConflicts(conflicts, conflictsRoot, homes)].flatMap(([user, waiting]) =>
        waiting.map(({ name }) => `${user}: ${name}`),
      );
      const wanted = drawn.flatMap(({ user, merged }, index) =>
        merged.every((one) => one) ? [] : [`${user}: ${nameOf(index)}`],
      );
      expect(shown.sort()).toEqual(wanted.sort());
    }),
  );
});

test('a record on the server that nobody can read is told there, whatever it says', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 60 }), (value) => {
      fc.pre(parseSessionRecord(value)?.kind === 'unknown');
      const server = [{ ...dataset(serverHome, '', '@a:1'), properties: { 'roamhome:session': value } }];
      const remarks = remarksOn(statusOf({ server }), onServer);
      expect(worstOf(remarks.map(({ level }) => level))).toBe('warning');
      expect(remarks.map(({ text }) => text).join('\n')).toContain(JSON.stringify(value));
    }),
  );
});

test('what was written into a home at rest is told unless this very Mac has its session', () => {
  const records = [null, 'mac7,2026-11-30T09:00:00Z', 'mac-b,2026-11-30T09:00:00Z', 'nobody knows'];
  fc.assert(
    fc.property(fc.constantFrom(...records), fc.integer({ min: 1, max: 9000 }), (record, bytes) => {
      const local = [{ ...dataset(localHome, '', '@a:1'), written: BigInt(bytes) }];
      const properties: Record<string, string> = record === null ? {} : { 'roamhome:session': record };
      const server = [{ ...dataset(serverHome, '', '@a:1'), properties }];
      const told = remarksOn(statusOf({ local, server }), onMac);
      const isTold = told.some(
        ({ level, text }) => level === 'warning' && text.includes('roamhome logout alice'),
      );
      expect(isTold).toBe(record?.startsWith('mac7,') !== true);
    }),
  );
});
