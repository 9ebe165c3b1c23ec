import { isRoamhomeError } from '../../errors/errors.ts';
import type { DatasetName } from '../../zfs/names.ts';
import {
  planConflict,
  type Conflict,
  type ConflictKind,
  type ConflictPlaces,
  type ConflictPlan,
} from './conflict.ts';
import type { HomeState } from '../../sync/home-state.ts';
import { refusalError } from '../../sync/refusal-error.ts';
import { pause, runSteps, type RunOptions } from '../../sync/run-steps.ts';
import { stepsUnsent } from './set-aside.ts';
import type { Intent, Refusal } from '../../sync/step.ts';

export interface MeetOptions extends RunOptions {
  readonly intent: Intent;
  readonly localHome: DatasetName;
  readonly pullOneByOne: boolean;
  readonly places: ConflictPlaces;
}

/**
 * One round of a conflict: this Mac's line goes to the server beside the server's own, and at a login it makes room
 * on this Mac too. `again`: there is more to do after it. A line that cannot be sent is set aside all the same: it is
 * kept here, and sent later.
 */
export async function meetConflict(
  refusal: Refusal & { readonly kind: ConflictKind },
  local: HomeState,
  server: HomeState | null,
  options: MeetOptions,
): Promise<{ readonly conflict: Conflict; readonly again: boolean }> {
  const plan = await planConflict(refusal, local, server, {
    ...options,
    ...options.places,
    setbacks: options.patience.setbacks,
  });
  const { kind, evidence, since, branch, setAside, toSetAside } = plan;
  const met = {
    kind,
    evidence,
    ...(refusal.cure === undefined ? {} : { cure: refusal.cure }),
    since,
    branch: null,
    branchProblem: null,
    setAside: null,
    setAsideProblem: null,
  };
  const sent = await sendBranch(plan, options);
  if (sent === 'unfinished') return { conflict: met, again: true };
  const kept = sent === 'there' ? { ...met, branch } : { ...met, branchProblem: sent };
  if (toSetAside === null) return { conflict: kept, again: false };
  if (toSetAside instanceof Error)
    return { conflict: { ...kept, setAsideProblem: toSetAside }, again: false };
  const done = await runSteps(sent === 'there' ? toSetAside.steps : stepsUnsent(toSetAside), options);
  if (!done) await pause(options);
  return { conflict: done && toSetAside.swaps ? { ...kept, setAside } : kept, again: true };
}

/** True for failures after which nothing more is to be had of the server in this run. */
export function isServerGone(error: unknown): boolean {
  return isRoamhomeError(error, 'connection-lost', 'server-unreachable', 'cancelled', 'stalled');
}

/** Returns why the line could not be sent where it can be set aside nevertheless; throws that otherwise. */
async function sendBranch(
  { toBranch, toSetAside }: ConflictPlan,
  options: MeetOptions,
): Promise<'there' | 'unfinished' | Error> {
  try {
    if (toBranch.refusal !== null) throw refusalError(toBranch.refusal, options.server.host.name);
    const done = await runSteps(toBranch.steps, options);
    if (!done) await pause(options);
    return done && !toBranch.again ? 'there' : 'unfinished';
  } catch (error) {
    // Without the server there is nothing to make room for.
    if (toSetAside === null || !isRoamhomeError(error) || isServerGone(error)) throw error;
    return error;
  }
}
