import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makePrivatePlace, removePrivatePlaces } from '../../../../src/homes/mount/private-place.ts';

let stateDir: string;

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'private-place-'));
});

afterEach(() => {
  rmSync(stateDir, { recursive: true });
});

test('where there never was a place, none is removed', async () => {
  await expect(removePrivatePlaces(stateDir)).resolves.toBeUndefined();
});

test('runs that end at once do not trip over each other', async () => {
  for (let round = 0; round < 20; round++) {
    const places = await Promise.all(Array.from({ length: 12 }, () => makePrivatePlace(stateDir)));
    for (const place of places) mkdirSync(join(place, '0'));
    const ends = await Promise.allSettled(places.map(() => removePrivatePlaces(stateDir)));
    expect(ends.filter(({ status }) => status === 'rejected')).toEqual([]);
  }
  expect(readdirSync(join(stateDir, 'conflicts'))).toEqual([]);
});

test('what is in use, or is no place of ours, stays', async () => {
  const place = await makePrivatePlace(stateDir);
  mkdirSync(join(place, '0', 'still mounted'), { recursive: true });
  await removePrivatePlaces(stateDir);
  expect(readdirSync(place)).toEqual(['0']);
});
