import { createHash } from 'node:crypto';
import type { Dataset } from '../../zfs/version.ts';

/**
 * A word for how datasets lie: their newest snapshots, and how much was written since. A mount writes; that no file of the
 * user's changed takes a mount and a `zfs diff` to prove, and the mark keeps that proof for as long as nothing more is written. Pure.
 */
export function unchangedMark(datasets: readonly Pick<Dataset, 'name' | 'snapshots' | 'written'>[]): string {
  const hash = createHash('sha256');
  for (const { snapshots, written } of datasets) hash.update(`${snapshots.at(-1)?.guid ?? '-'} ${written}\n`);
  return hash.digest('hex').slice(0, 16);
}
