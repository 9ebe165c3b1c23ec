import type { ThinnableSnapshot } from '../zfs/commands/list-thinnable.ts';
import { shortNameOf } from '../zfs/names.ts';
import { durationInWords } from './duration.ts';
import type { ThinnedDataset } from './plan-thinning.ts';
import type { DestroyReason, KeepReason, Pin } from './thin.ts';

const pins: Readonly<Record<Pin, string>> = {
  newest: 'the newest',
  unsynced: 'not seen on the server',
  common: 'the newest that the server has',
  held: 'held',
  origin: 'a clone hangs on it',
  foreign: 'not ours',
};

/** Why a snapshot stays or goes, in a few words. Pure. */
export function reasonInWords(reason: KeepReason | DestroyReason): string {
  switch (reason.kind) {
    case 'pinned':
      return pins[reason.by];
    case 'future':
      return 'from the future';
    case 'among-newest':
      return `among the newest ${reason.count}`;
    case 'oldest-of-block':
      return `oldest of ${durationInWords(reason.rule.interval)}`;
    case 'older-in-block':
      return `of ${durationInWords(reason.rule.interval)} @${shortNameOf(reason.oldest.name)} is older`;
    case 'past-maximum-age':
      return `older than ${durationInWords(reason.age)}, the maximum age`;
    case 'not-among-newest':
      return `not among the newest ${reason.count}`;
    case 'outlived':
      return `older than ${durationInWords(reason.rule.life)}`;
  }
}

/**
 * A dataset's snapshots as a table, oldest first: `keep` or `go`, when it was made (UTC), the bytes that it alone holds, name, reasons.
 * `freed`: the bytes that all that go free together, as zfs reckons them; null: it cannot, and they are the sum or more. Pure.
 */
export function describeThinning(
  { dataset, kept, destroyed }: ThinnedDataset,
  freed: bigint | null,
): readonly string[] {
  const rows = [
    ...kept.map((one) => ({ ...one, word: 'keep' })),
    ...destroyed.map((one) => ({ ...one, word: 'go' })),
  ].sort(({ snapshot: a }, { snapshot: b }) => (a.createtxg < b.createtxg ? -1 : 1));
  const sum = destroyed.reduce((bytes, { snapshot }) => bytes + snapshot.used, 0n);
  return [
    `${dataset}: ${destroyed.length} of ${rows.length} snapshots go, which frees ${freed === null ? `${sum} bytes or more` : `${freed} bytes`}`,
    ...rows.map(({ word, snapshot, reasons }) => {
      const why = reasons.map(reasonInWords).join(', ');
      return `  ${word.padEnd(4)}  ${madeAt(snapshot)}  ${String(snapshot.used).padStart(13)}  @${shortNameOf(snapshot.name)}: ${why}`;
    }),
  ];
}

/** The snapshots whose time has not come yet: the clock was wrong when they were made, or is now. Pure. */
export function describeFuture({ kept }: ThinnedDataset): readonly string[] {
  return kept
    .filter(({ reasons }) => reasons.some(({ kind }) => kind === 'future'))
    .map(({ snapshot }) => `${snapshot.name} is from the future (${madeAt(snapshot)} UTC), and is kept`);
}

function madeAt({ creation }: ThinnableSnapshot): string {
  return new Date(creation * 1000).toISOString().slice(0, 16).replace('T', ' ');
}
