import type { Step } from './step.ts';

/**
 * The steps that can follow one another. A discard takes the dataset away where it held nothing but an interrupted
 * full receive, and nothing can be made below it then; that waits for the next round, which a discard always has. Pure.
 */
export function putOffBelowDiscarded(steps: readonly Step[]): readonly Step[] {
  const discarded = steps.flatMap((step) => (step.kind === 'discard-partial' ? [`${step.dataset}/`] : []));
  return steps.filter((step) => !discarded.some((above) => madeBy(step)?.startsWith(above) === true));
}

/** The dataset that a step makes, or receives into; null: none. */
function madeBy(step: Step): string | null {
  if ('target' in step) return step.target;
  return step.kind === 'clone' ? step.to : null;
}
