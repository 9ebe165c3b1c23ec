import { expect, test } from 'vitest';
import { conflictNameFor } from '../../../src/homes/diverged/conflict-names.ts';
import { afterSnapshot } from '../../../src/sync/home-state.ts';
import type { SnapshotName } from '../../../src/zfs/names.ts';
import { home, localHome } from '../../support/sync/homes.ts';

test('a snapshot that zfs was not asked about yet has the time that its name says, and so has a conflict of it', () => {
  const before = home(localHome, '@a:1')!;
  const name = `${localHome}@roamhome-20261130T124500.000Z-mac7` as SnapshotName;
  const after = afterSnapshot(before, new Map([[before.root, name]]));
  const made = after.datasets[0]?.snapshots.at(-1);
  expect(made).toMatchObject({ name, creation: Date.UTC(2026, 10, 30, 12, 45) / 1000 });
  expect(conflictNameFor('alice', 'mac7', made!)).toBe('alice-mac7-20261130T124500Z');
});
