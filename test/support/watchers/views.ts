import type { ProgressView } from '../../../src/progress/track.ts';

const gibibyte = 2 ** 30;

/** A login that is at 42 % of the second of three snapshots. */
export const receiving: ProgressView = {
  at: 1_763_600_060_000,
  activity: 'receiving',
  since: 1_763_600_010_000,
  startedAt: 1_763_600_000_000,
  isTransferring: true,
  bytes: 1.2 * gibibyte,
  totalBytes: 2.9 * gibibyte,
  snapshot: 2,
  snapshots: 3,
  fraction: 0.4249,
  bytesPerSecond: 12.3 * 2 ** 20,
  secondsLeft: 142,
  summary: null,
  problem: null,
  warnings: [],
};

/** Before anything moves. */
export const listing: ProgressView = {
  ...receiving,
  ...{ activity: 'listing', isTransferring: false, bytes: 0, totalBytes: null, snapshot: 0, snapshots: 0 },
  ...{ fraction: 0, bytesPerSecond: null, secondsLeft: null },
};

export const failed: ProgressView = {
  ...receiving,
  ...{ activity: 'failed', isTransferring: false, bytesPerSecond: null, secondsLeft: null },
  summary: 'login of alice: not synced',
  problem: { code: 'stalled', message: 'no data\nmoved', remedy: 'Check the network.' },
};

export const done: ProgressView = {
  ...receiving,
  ...{ activity: 'done', isTransferring: false, fraction: 1, bytes: 2.9 * gibibyte, snapshot: 3 },
  ...{ bytesPerSecond: null, secondsLeft: null, summary: 'login of alice: received 2.9 GiB, home mounted' },
};
