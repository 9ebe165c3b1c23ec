import { binarySize } from '../format/size.ts';
import { localTime } from '../format/time.ts';
import type { ThinnableSnapshot } from '../zfs/commands/list-thinnable.ts';
import { shortNameOf, type SnapshotName } from '../zfs/names.ts';
import { durationInWords } from './duration.ts';
import type { ThinnedDataset } from './plan-thinning.ts';
import type { DestroyReason, KeepReason, Pin } from './thin.ts';

const pins: Readonly<Record<Pin, string>> = {
  newest: 'the newest',
  unsynced: 'not known to be on the server',
  common: 'the next transfer starts from it',
  held: 'held',
  origin: 'a clone depends on it',
  doubled: 'two snapshots of this dataset have one guid',
  foreign: 'not made by Roamhome',
};

/** Why a snapshot stays or goes, in a few words. Pure. */
export function reasonInWords(reason: KeepReason | DestroyReason): string {
  switch (reason.kind) {
    case 'pinned':
      return pins[reason.by];
    case 'future':
      return 'its time is in the future';
    case 'among-newest':
      return `one of the newest ${reason.count}`;
    case 'oldest-of-block':
      return `the oldest within ${durationInWords(reason.rule.interval)}`;
    case 'older-in-block':
      return `@${shortNameOf(reason.oldest.name)} is older, within the same ${durationInWords(reason.rule.interval)}`;
    case 'past-maximum-age':
      return `older than ${durationInWords(reason.age)}, the maximum age`;
    case 'not-among-newest':
      return `not one of the newest ${reason.count}`;
    case 'outlived':
      return `older than ${durationInWords(reason.rule.life)}`;
  }
}

/** All reasons of one snapshot; one older snapshot that stands for it within several times is named once. Pure. */
function reasonsInWords(reasons: readonly (KeepReason | DestroyReason)[]): string {
  const within = new Map<string, string[]>();
  const words: string[] = [];
  for (const reason of reasons) {
    if (reason.kind === 'older-in-block') {
      const { name } = reason.oldest;
      within.set(name, [...(within.get(name) ?? []), durationInWords(reason.rule.interval)]);
    } else words.push(reasonInWords(reason));
  }
  const older = [...within].map(
    ([name, spans]) => `@${shortNameOf(name as SnapshotName)} is older, within the same ${spans.join(', ')}`,
  );
  return [...older, ...words].join('; ');
}

/**
 * A dataset's snapshots as a table, oldest first: what becomes of it, when it was made, the size that it alone holds, name, reasons.
 * `freed`: the bytes that all that go free together, as zfs reckons them; null: it cannot, and they are the sum or more.
 */
export function describeThinning(
  { dataset, kept, destroyed }: ThinnedDataset,
  freed: bigint | null,
): readonly string[] {
  const rows = [
    ...kept.map((one) => ({ ...one, word: 'keep' })),
    ...destroyed.map((one) => ({ ...one, word: 'remove' })),
  ].sort(({ snapshot: a }, { snapshot: b }) => (a.createtxg < b.createtxg ? -1 : 1));
  const sum = destroyed.reduce((bytes, { snapshot }) => bytes + snapshot.used, 0n);
  return [
    `${dataset}: ${destroyed.length} of ${rows.length} snapshots to remove, which frees ${freed === null ? `${binarySize(Number(sum))} or more` : binarySize(Number(freed))}`,
    ...rows.map(({ word, snapshot, reasons }) => {
      return `  ${word.padEnd(6)}  ${madeAt(snapshot)}  ${binarySize(Number(snapshot.used)).padStart(10)}  @${shortNameOf(snapshot.name)}: ${reasonsInWords(reasons)}`;
    }),
  ];
}

/** The snapshots whose time has not come yet: the clock was wrong when they were made, or is now. Pure. */
export function describeFuture({ kept }: ThinnedDataset): readonly string[] {
  return kept
    .filter(({ reasons }) => reasons.some(({ kind }) => kind === 'future'))
    .map(({ snapshot }) => `${snapshot.name} is from the future (${madeAt(snapshot)}), and is kept`);
}

function madeAt({ creation }: ThinnableSnapshot): string {
  return localTime(creation * 1000);
}
