import type { Direction } from '../progress/event.ts';
import type { DatasetName, ResumeToken, SnapshotName } from '../zfs/names.ts';
import type { Carry } from './carry.ts';
import type { CloneStep, DiscardStep, ResumeStep, SendStep } from './step.ts';

// The one place where steps are made that send, resume, discard or name a base. Their types carry a mark that nothing else can
// make, so that no caller of sync/ decides what goes on from what.

/** `properties`: set on what is received; `origin` makes it a clone of that snapshot. Default: none. Pure. */
export function sendStep(
  direction: Direction,
  carry: Carry,
  properties?: Readonly<Record<string, string>>,
): SendStep {
  const step = {
    kind: 'send',
    direction,
    ...carry,
    ...(properties === undefined ? {} : { properties }),
  };
  return step as SendStep;
}

/** Takes up what was cut; `done`: bytes of the stream that have arrived. Pure. */
export function resumeStep(
  direction: Direction,
  target: DatasetName | SnapshotName,
  { token, done }: { readonly token: ResumeToken; readonly done: bigint },
): ResumeStep {
  return { kind: 'resume', direction, token, target, done } as ResumeStep;
}

/** Gives up what was cut. Pure. */
export function discardStep(dataset: DatasetName, why: string): DiscardStep {
  return { kind: 'discard-partial', dataset, why } as DiscardStep;
}

/** A dataset that begins as a snapshot of another one on its side. Pure. */
export function cloneStep(
  from: SnapshotName,
  to: DatasetName,
  properties: Readonly<Record<string, string>>,
): CloneStep {
  return { kind: 'clone', from, to, properties } as CloneStep;
}
