import type { Direction } from '../progress/event.ts';
import type { DatasetName, SnapshotName } from '../zfs/names.ts';
import type { PartialVerdict, Resumable } from './partial.ts';
import type { Step } from './step.ts';

/** Takes up what was cut. */
export function resumeStep(
  direction: Direction,
  target: DatasetName | SnapshotName,
  { token, done }: Pick<Resumable, 'token' | 'done'>,
): Step {
  return { kind: 'resume', direction, token, target, done };
}

/** What a Mac does with an interrupted receive of its own side: the server's it may not discard. */
export function resumeOrDiscard(
  direction: Direction,
  target: DatasetName,
  verdict: Exclude<PartialVerdict, { kind: 'none' }>,
): Step {
  return verdict.kind === 'resume'
    ? resumeStep(direction, target, verdict)
    : { kind: 'discard-partial', dataset: target, why: verdict.why };
}
