import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextSnapshotName, parseSnapshotName, snapshotNameAt } from '../../../src/sync/snapshot-name.ts';

test('snapshot names are in UTC', () => {
  expect(snapshotNameAt(new Date('2026-10-25T02:30:00+02:00'), 'mac7')).toBe(
    'roamhome-20261025T003000.000Z-mac7',
  );
});

const instants = fc.date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true });
const macs = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,30}$/);

test('a name says the Mac and the time that it was made of, also the second one for an instant', () => {
  fc.assert(
    fc.property(instants, macs, fc.nat(998), (at, macName, random) => {
      expect(parseSnapshotName(snapshotNameAt(at, macName))).toEqual({ macName, at });
      const next = nextSnapshotName(at, macName, () => random);
      expect(next).not.toBe(snapshotNameAt(at, macName));
      expect(parseSnapshotName(next)?.macName).toBe(macName);
    }),
  );
});

test.each([
  'autosnap_2026-11-20_06:45:00_hourly',
  '2026-11-20-064500',
  'roamhome-20261120T064500Z-mac7',
  'roamhome-20261320T064500.000Z-mac7',
  'roamhome-20261120T064500.123Z-',
])('%s is not a name of ours', (short) => {
  expect(parseSnapshotName(short)).toBeNull();
});
