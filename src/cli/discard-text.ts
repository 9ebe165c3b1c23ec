import type { DiscardPlan, Elsewhere } from '../conflicts/discard-plan.ts';
import { binarySize } from '../session/report.ts';
import { localTime } from './local-time.ts';

/** What is lost with a conflict, before a person is asked. `other`: who may have its snapshots too. Pure. */
export function describeLoss(plan: DiscardPlan, other: string): readonly string[] {
  const { dataset, user, snapshots, usedBytes, unsnapshottedBytes, since, newest, datasets } = plan;
  const below = datasets.length === 1 ? '' : `, ${datasets.length} datasets`;
  return [
    `${dataset} is to be destroyed, for good:`,
    `  what ${user} made from ${localTime(since * 1000)} to ${localTime(newest * 1000)}`,
    `  ${snapshots} ${snapshots === 1 ? 'snapshot' : 'snapshots'}${below}, ${binarySize(usedBytes)} of its own`,
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
export function discardToJson({ since, newest, ...plan }: DiscardPlan): string {
  const times = {
    since: new Date(since * 1000).toISOString(),
    newest: new Date(newest * 1000).toISOString(),
  };
  return JSON.stringify({ destroyed: true, ...plan, ...times }, null, 2);
}
