import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { statusFileWatcher } from '../../../src/watchers/status-file.ts';
import { statusJson } from '../../../src/watchers/status-json.ts';
import { failed, listing, receiving } from '../../support/watchers/views.ts';

const run = { what: 'login', user: 'alice' } as const;
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'roamhome-status-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

test('state, step, bytes, rate, error, since, user', () => {
  expect(JSON.parse(statusJson(run, 42, receiving))).toEqual({
    ...{ user: 'alice', run: 'login', pid: 42, state: 'receiving' },
    since: '2025-11-20T00:53:30.000Z',
    startedAt: '2025-11-20T00:53:20.000Z',
    updatedAt: '2025-11-20T00:54:20.000Z',
    step: { snapshot: 2, snapshots: 3 },
    ...{ bytes: receiving.bytes, totalBytes: receiving.totalBytes, fraction: 0.425 },
    bytesPerSecond: Math.round(receiving.bytesPerSecond ?? 0),
    ...{ secondsLeft: 142, summary: null, error: null, warnings: [], notices: [] },
  });
  expect(JSON.parse(statusJson(run, 42, failed))).toMatchObject({
    state: 'failed',
    error: { code: 'stalled', message: 'no data\nmoved', remedy: 'Check the network.' },
  });
});

test('everybody may read it whatever the umask, it is replaced as a whole, and not too often', async () => {
  const before = process.umask(0o077);
  try {
    const directory = join(root, 'status');
    const watcher = statusFileWatcher(run, directory);
    const read = (): unknown => JSON.parse(readFileSync(join(directory, 'alice.json'), 'utf8'));
    await watcher.show(listing);
    expect(statSync(directory).mode & 0o777).toBe(0o755);
    expect(statSync(join(directory, 'alice.json')).mode & 0o777).toBe(0o644);
    await watcher.show(receiving);
    expect(read()).toMatchObject({ state: 'receiving', bytes: receiving.bytes });
    await watcher.show({ ...receiving, at: receiving.at + 999, bytes: 7 });
    expect(read()).toMatchObject({ bytes: receiving.bytes });
    await watcher.show({ ...receiving, at: receiving.at + 1000, bytes: 8 });
    expect(read()).toMatchObject({ bytes: 8 });
    expect(readdirSync(directory)).toEqual(['alice.json']);
  } finally {
    process.umask(before);
  }
});

test('a job that moves nothing leaves what a login says', async () => {
  await statusFileWatcher({ what: 'checkpoint', user: 'alice' }, root).show(listing);
  expect(readdirSync(root)).toEqual([]);
  await statusFileWatcher({ what: 'push', user: 'alice' }, root).show(receiving);
  expect(readdirSync(root)).toEqual(['alice.json']);
});

test.each([
  [
    'others may write in',
    (path: string) => {
      mkdirSync(path);
      chmodSync(path, 0o777);
    },
  ],
  [
    'is a link',
    (path: string) => {
      symlinkSync(tmpdir(), path);
    },
  ],
])('a directory that %s is not used', async (_what, make) => {
  const path = join(root, 'status');
  make(path);
  await expect(statusFileWatcher(run, path).show(receiving)).rejects.toThrow('only root can write');
});
