import { count } from '../../format/count.ts';
import type { DiscardPlan, Elsewhere } from '../../homes/conflicts/discard-plan.ts';
import { binarySize } from '../../format/size.ts';
import { isoTime, localTime } from '../../format/time.ts';
import type { JsonDocument } from '../framework/context.ts';

/** What is lost with a conflict, before a person is asked. `other`: who may have its snapshots too. Pure. */
export function describeLoss(plan: DiscardPlan, other: string): readonly string[] {
  const { dataset, user, snapshots, usedBytes, unsnapshottedBytes, since, newest, datasets } = plan;
  const below = datasets.length === 1 ? '' : `, ${datasets.length} datasets`;
  return [
    `${dataset} is to be destroyed, for good:`,
    since === null || newest === null
      ? `  it has no snapshot: the transfer of what ${user} made was interrupted`
      : `  what ${user} made from ${localTime(since * 1000)} to ${localTime(newest * 1000)}`,
    `  ${count(snapshots, 'snapshot')}${below}, ${binarySize(usedBytes)} of its own`,
    // A mount alone writes some KiB.
    ...(unsnapshottedBytes === 0 ? [] : [`  ${binarySize(unsnapshottedBytes)} in it are in no snapshot`]),
    `  ${copies(plan.elsewhere, other)}`,
  ];
}

function copies(elsewhere: Elsewhere, other: string): string {
  switch (elsewhere) {
    case 'all':
      return `${other} has all of its snapshots too`;
    case 'some':
      return `${other} has SOME of its snapshots only`;
    case 'none':
      return `${other} does NOT have it: this is the only copy that is known of`;
    case 'unknown':
      return `${other} could not be asked: this MAY BE THE ONLY COPY`;
  }
}

/** What was destroyed, for programs. Pure. */
export function discardToJson({ since, newest, ...plan }: DiscardPlan): JsonDocument {
  const times = {
    since: since === null ? null : isoTime(since * 1000),
    newest: newest === null ? null : isoTime(newest * 1000),
  };
  return { destroyed: true, ...plan, ...times };
}
