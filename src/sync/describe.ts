import { count } from '../format/count.ts';
import { shortNameOf } from '../zfs/names.ts';
import { unsentProperty } from './properties.ts';
import type { Plan, Refusal, Step } from './step.ts';

/** A step in words, for a log line or a dry run. Pure. */
export function describeStep(step: Step): string {
  switch (step.kind) {
    case 'rollback':
      return `go back to ${step.to}, from which no file differs`;
    case 'create-container':
      return `make room for conflicts in ${step.dataset}`;
    case 'clone':
      return `prepare ${step.to} from ${step.from}`;
    case 'mark':
      return unsentProperty in step.properties
        ? `note on ${step.dataset} what is to be sent later`
        : `mark ${step.dataset} as a conflict`;
    case 'rename':
    case 'move-back':
      return `rename ${step.from} to ${step.to}`;
    case 'promote':
      return `make ${step.dataset} independent of what it was prepared from`;
    case 'discard-partial':
      return `discard the interrupted receive into ${step.dataset}: ${step.why}`;
    case 'cover':
      return `snapshot ${step.dataset} on the server, on top of one whose name cannot be sent`;
    case 'record-flags':
      return `record on the server how ${step.dataset} is sent`;
    case 'resume':
      return `${step.direction} the rest of an interrupted stream into ${step.target} (${step.done} bytes are there)`;
    case 'send': {
      const { from, to, intermediates } = step.range;
      const name = `@${shortNameOf(to.name)}`;
      if (from === null) return `${step.direction} all of ${name} into ${step.target}`;
      const base = `${from.kind === 'bookmark' ? '#' : '@'}${shortNameOf(from.name)}`;
      const between = intermediates ? ', with what lies between' : '';
      return `${step.direction} what changed from ${base} to ${name}${between}, into ${step.target}`;
    }
  }
}

/** Whether and why nothing is done, or how many steps there are. Pure. */
export function describePlan(plan: Plan): string {
  if (plan.refusal !== null) return describeRefusal(plan.refusal);
  if (plan.steps.length > 0) return count(plan.steps.length, 'step');
  return plan.behind
    ? 'nothing to send; the server has changes, which the next login brings'
    : 'nothing to do: both sides are equal';
}

/** A refusal in words. Pure. */
export function describeRefusal({ kind, dataset, evidence }: Refusal): string {
  switch (kind) {
    case 'diverged':
      return `${dataset} went two ways: ${evidence}`;
    case 'no-common':
      return `${dataset} has no version that both sides can build on: ${evidence}`;
    case 'server-blocked':
    case 'own-partial':
      return `the server cannot take ${dataset} now: ${evidence}`;
    case 'branch-taken':
      return `the server has another ${dataset}: ${evidence}`;
    case 'home-missing':
      return `there is no home ${dataset}: ${evidence}`;
    case 'doubled':
      return `${dataset} is not synced, the rest of the home is: ${evidence}`;
    case 'unsayable':
      return `${JSON.stringify(dataset)} is not synced, the rest of the home is: ${evidence}`;
    case 'not-created':
      return `the server does not have ${dataset}, and policies.createOnServer is false: ${evidence}`;
  }
}
