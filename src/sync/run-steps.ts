import { isRoamhomeError, RoamhomeError } from '../errors/errors.ts';
import type { TransferListener } from '../progress/event.ts';
import type { SendFlags } from '../zfs/commands/stream.ts';
import type { SyncZfs } from '../zfs/sync-zfs.ts';
import { executeStep, type StepResult } from './execute.ts';
import { limited } from './limited.ts';
import type { Patience } from './patience.ts';
import type { Plan, Step } from './step.ts';

/** Between two looks at a dataset that is held. */
const busyPauseMs = 1000;

/** The longest that a timer can run: 24 days. */
const noLimitMs = 2 ** 31 - 1;

/** Hears what is decided and done, in order. */
export interface SyncListener {
  planned(plan: Plan): void;
  stepStarted(step: Step): TransferListener;
  stepDone(step: Step, result: StepResult & { readonly durationMs: number }): void;
  /** It failed, but may not when both sides are looked at again. */
  stepPutOff(step: Step, failure: unknown): void;
}

/** What a run has done so far. */
export interface Totals {
  pushedBytes: number;
  pulledBytes: number;
  pushingMs: number;
  steps: number;
  /** Steps that failed because an earlier run's receive was in the way, or the server had thinned. */
  putOff: number;
}

export interface RunOptions {
  readonly local: SyncZfs;
  readonly server: SyncZfs;
  readonly stallMs: number;
  /** What all pushes together may take: a login does not wait for more. */
  readonly pushMs: number;
  readonly signal: AbortSignal;
  /** Milliseconds; rejects when the signal is aborted. */
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly listener: SyncListener;
  readonly flags: SendFlags;
  readonly patience: Patience;
  readonly totals: Totals;
}

/** What one dataset fails of for reasons of its own: the others of the home go on. */
const ownFailures = [
  'name-invalid',
  'dataset-exists',
  'dataset-modified',
  'dataset-missing',
  'no-common-base',
  'key-not-loaded',
  'permission-denied',
  'stream-refused',
  'zfs-failed',
] as const;

/** The dataset that a step moves data into; null: the step is part of something whole. */
function movesInto(step: Step): string | null {
  return 'direction' in step ? step.target.replace(/@.*$/, '') : null;
}

/**
 * False: one was put off, and what comes after it with it. A stream that fails for a reason of its own dataset's stops
 * only that and what is below it; its failure is thrown when the others are done.
 */
export async function runSteps(steps: readonly Step[], options: RunOptions): Promise<boolean> {
  const { totals } = options;
  // A successor or a branch is of use as a whole.
  const isApart = steps.every((step) => step.kind !== 'rename' && step.kind !== 'promote');
  const failed: { readonly dataset: string; readonly error: unknown }[] = [];
  for (const step of steps) {
    const into = movesInto(step);
    if (into !== null && failed.some(({ dataset }) => into === dataset || into.startsWith(`${dataset}/`)))
      continue;
    const started = performance.now();
    const onProgress = options.listener.stepStarted(step);
    const isPush = 'direction' in step && step.direction === 'push';
    const limitMs = isPush ? Math.max(0, options.pushMs - totals.pushingMs) : noLimitMs;
    let result: StepResult;
    try {
      result = await limited(limitMs, options.signal, pushTimedOut, (signal) =>
        executeStep(step, { ...options, signal, onProgress }),
      );
    } catch (error) {
      if (!options.patience.allows(step, error)) {
        if (!isApart || into === null || !isRoamhomeError(error, ...ownFailures)) throw error;
        failed.push({ dataset: into, error });
        options.listener.stepPutOff(step, error);
        continue;
      }
      options.listener.stepPutOff(step, error);
      totals.putOff += 1;
      return false;
    }
    const { bytes } = result;
    const durationMs = Math.round(performance.now() - started);
    if (isPush) {
      totals.pushedBytes += bytes;
      totals.pushingMs += durationMs;
    } else totals.pulledBytes += bytes;
    totals.steps += 1;
    options.listener.stepDone(step, { ...result, durationMs });
  }
  const [first] = failed;
  if (first !== undefined) throw first.error;
  return true;
}

function pushTimedOut(): RoamhomeError {
  return new RoamhomeError({
    code: 'timed-out',
    message: 'the time for sending is over',
    remedy: 'What was sent is kept there; the rest is sent at the next logout or login on this Mac.',
    retryable: true,
  });
}

/** Before both sides are looked at again. Rejects with what aborted the run. */
export async function pause({ sleep }: Pick<RunOptions, 'sleep'>): Promise<void> {
  await sleep(busyPauseMs);
}
