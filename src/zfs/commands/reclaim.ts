import type { ZfsCommand } from '../command.ts';
import { shortNameOf, type DatasetName, type SnapshotName } from '../names.ts';
import { linesOf, outputUnknown, parseBigInt } from '../parse.ts';

function parseReclaim(stdout: string): bigint {
  let bytes: bigint | null = null;
  for (const line of linesOf(stdout)) {
    const [what, value = ''] = line.split('\t');
    if (what === 'reclaim') bytes = parseBigInt(value, line);
    else if (what !== 'destroy') throw outputUnknown('what would be destroyed', line);
  }
  if (bytes === null) throw outputUnknown('no space that would be freed', stdout.slice(-100));
  return bytes;
}

/** The bytes that are freed when these snapshots of a dataset go together. Destroys nothing (-n). */
export function reclaim(dataset: DatasetName, snapshots: readonly SnapshotName[]): ZfsCommand<bigint> {
  return {
    argv: ['zfs', 'destroy', '-nvp', `${dataset}@${snapshots.map(shortNameOf).join(',')}`],
    mutates: false,
    parse: parseReclaim,
  };
}
