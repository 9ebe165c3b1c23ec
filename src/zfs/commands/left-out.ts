import type { Row } from '../rows.ts';

/**
 * The volumes among the datasets of a list, in words. They show by their snapshots alone, for zfs lists these
 * without the volume when it is asked for file systems. Pure.
 */
export function leftOut(rows: readonly Row[]): readonly string[] {
  const datasets = new Set<string>();
  const owners = new Set<string>();
  for (const { plain } of rows) {
    const [name = ''] = plain;
    const at = name.search(/[@#]/);
    if (at < 0) datasets.add(name);
    else owners.add(name.slice(0, at));
  }
  return [...owners]
    .filter((owner) => !datasets.has(owner))
    .map((owner) => `${owner} is a volume: it is left out, and stops no other`);
}
