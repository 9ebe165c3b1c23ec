import type { PlannedTransfer } from '../progress/event.ts';
import type { Step } from './step.ts';

/** The stream that a step is; null: it moves no data. Pure. */
export function plannedTransfer(step: Step): PlannedTransfer | null {
  switch (step.kind) {
    case 'send': {
      const { direction, range, between } = step;
      return {
        direction,
        snapshots: 1 + (between?.snapshots ?? 0),
        // What was written, compressed, is what a compressed stream has; the start of a history was written whole.
        bytes: Number(range.to.written + (between?.bytes ?? 0n)),
        doneBytes: 0,
      };
    }
    case 'resume':
      return { direction: step.direction, snapshots: 1, bytes: 0, doneBytes: Number(step.done) };
    case 'create-container':
    case 'clone':
    case 'mark':
    case 'rename':
    case 'move-back':
    case 'promote':
    case 'rollback':
    case 'discard-partial':
    case 'cover':
    case 'record-flags':
      return null;
  }
}

/** The streams of a plan, in order. Pure. */
export function plannedTransfers(steps: readonly Step[]): readonly PlannedTransfer[] {
  return steps.map(plannedTransfer).filter((transfer) => transfer !== null);
}

/** True for what makes room for the server's line. Pure. */
export function isRearranging({ kind }: Step): boolean {
  return ['clone', 'rename', 'move-back', 'promote', 'mark'].includes(kind);
}
