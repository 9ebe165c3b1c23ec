import { setTimeout as delay } from 'node:timers/promises';
import { isRoamhomeError, RoamhomeError } from '../errors/errors.ts';
import type { ProgressListener } from '../progress/progress.ts';
import type { SendFlags } from '../zfs/commands/stream.ts';
import type { DatasetName } from '../zfs/names.ts';
import type { SyncZfs } from '../zfs/sync-zfs.ts';
import { executeStep } from './execute.ts';
import { examineHome } from './examine.ts';
import type { HomeState } from './home-state.ts';
import { limited } from './limited.ts';
import { observeHome } from './observe.ts';
import { Patience } from './patience.ts';
import { planSync, sendFlagsOf, type PlanOptions } from './plan.ts';
import { refusalError } from './refusal-error.ts';
import type { Plan, Step } from './step.ts';

/** Hears what is decided and done, in order. */
export interface SyncListener {
  planned(plan: Plan): void;
  stepStarted(step: Step): ProgressListener;
  stepDone(step: Step, result: { readonly bytes: number; readonly durationMs: number }): void;
  /** It failed, but may not when both sides are looked at again. */
  stepPutOff(step: Step, failure: unknown): void;
}

export interface SyncOptions extends PlanOptions {
  readonly local: SyncZfs;
  readonly server: SyncZfs;
  readonly stallMs: number;
  /** How long a dataset that an earlier run's receive still holds is waited for. */
  readonly busyMs: number;
  /** What all pushes together may take: a login does not wait for more. */
  readonly pushMs: number;
  readonly signal: AbortSignal;
  readonly listener: SyncListener;
}

export interface SyncResult {
  readonly pushedBytes: number;
  readonly pulledBytes: number;
  /** Nothing had to be done. */
  readonly wasEqual: boolean;
  /** The server has more than this Mac, which a logout leaves for the next login. */
  readonly leftBehind: boolean;
}

/** A plan for each snapshot of an interrupted chain is the most that a healthy home needs; more is a bug. */
const maxRounds = 20;

/** Between two looks at a dataset that is held. */
const busyPauseMs = 1000;

/** The longest that a timer can run: 24 days. */
const noLimitMs = 2 ** 31 - 1;

/**
 * Brings the two sides together: observe, plan, act, and again where a plan is not the whole way. The first
 * observations are the caller's, who may have made them side by side. Throws a RoamhomeError; whatever was done
 * until then stays done, and the next run goes on from there.
 */
export async function synchronise(
  first: { readonly local: HomeState | null; readonly server: HomeState | null },
  options: SyncOptions,
): Promise<SyncResult> {
  let { local, server } = first;
  let way: Way = { defaultFlags: options.defaultFlags, pullOneByOne: false };
  const totals: Totals = { pushedBytes: 0, pulledBytes: 0, pushingMs: 0, steps: 0, putOff: 0 };
  const patience = new Patience(options.busyMs);
  for (let round = 1; round <= maxRounds + totals.putOff; round++) {
    const plan = planSync(local, server, { ...options, ...way });
    options.listener.planned(plan);
    if (plan.refusal !== null) throw refusalError(plan.refusal, options.server.host.name);
    let { again } = plan;
    try {
      const flags = sendFlagsOf(server, way.defaultFlags);
      const done = await runSteps(plan.steps, { ...options, flags, patience, totals });
      if (!done) {
        // Rejects for an abort only, which the next command tells better.
        await delay(busyPauseMs, undefined, { signal: options.signal }).catch(() => undefined);
        again = true;
      }
    } catch (error) {
      way = otherWay(way, error, server);
      again = true;
    }
    if (!again) {
      const { pushedBytes, pulledBytes, steps, putOff } = totals;
      const leftBehind = plan.behind && options.intent === 'logout';
      return { pushedBytes, pulledBytes, wasEqual: steps + putOff === 0, leftBehind };
    }
    [local, server] = await observeBoth(options.localHome, options.serverHome, options);
  }
  throw new RoamhomeError({
    code: 'not-converging',
    message: `${options.localHome} and ${options.serverHome} were not equal after ${maxRounds} rounds`,
    remedy: 'Nothing is lost: every step only adds. Please report this with the log of the run.',
  });
}

type Way = Required<Pick<PlanOptions, 'defaultFlags' | 'pullOneByOne'>>;

/** How to go on after a failure that comes of how it was sent. Throws the failure where that is not so. */
function otherWay(way: Way, failure: unknown, server: HomeState | null): Way {
  // Nothing had been sent: zfs holds all the snapshots before it sends the first.
  if (!way.pullOneByOne && isRoamhomeError(failure, 'hold-denied')) return { ...way, pullOneByOne: true };
  const isFree = (server?.sendFlags ?? null) === null && way.defaultFlags !== '';
  // One of the two sides is older than these flags, and nothing was sent with them yet: without them, for good.
  if (isFree && isRoamhomeError(failure, 'unknown-option', 'stream-unsupported'))
    return { ...way, defaultFlags: '' };
  throw failure;
}

interface Totals {
  pushedBytes: number;
  pulledBytes: number;
  pushingMs: number;
  steps: number;
  /** Steps that failed because an earlier run's receive was in the way. */
  putOff: number;
}

interface RunOptions extends SyncOptions {
  readonly flags: SendFlags;
  readonly patience: Patience;
  readonly totals: Totals;
}

/** False: one was put off, and what comes after it with it. */
async function runSteps(steps: readonly Step[], options: RunOptions): Promise<boolean> {
  const { totals } = options;
  for (const step of steps) {
    const started = performance.now();
    const onProgress = options.listener.stepStarted(step);
    const isPush = 'direction' in step && step.direction === 'push';
    const limitMs = isPush ? Math.max(0, options.pushMs - totals.pushingMs) : noLimitMs;
    let bytes: number;
    try {
      ({ bytes } = await limited(limitMs, options.signal, pushTimedOut, (signal) =>
        executeStep(step, { ...options, signal, onProgress }),
      ));
    } catch (error) {
      if (!options.patience.allows(step, error)) throw error;
      options.listener.stepPutOff(step, error);
      totals.putOff += 1;
      return false;
    }
    const durationMs = Math.round(performance.now() - started);
    if (isPush) {
      totals.pushedBytes += bytes;
      totals.pushingMs += durationMs;
    } else totals.pulledBytes += bytes;
    totals.steps += 1;
    options.listener.stepDone(step, { bytes, durationMs });
  }
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

async function observeBoth(
  localHome: DatasetName,
  serverHome: DatasetName,
  { local, server, signal }: Pick<SyncOptions, 'local' | 'server' | 'signal'>,
): Promise<[HomeState | null, HomeState | null]> {
  return Promise.all([
    examineHome(local, localHome, { tokenReader: local, before: 'flushed', signal }),
    observeHome(server, serverHome, { tokenReader: local, changes: 'ignore', signal }),
  ]);
}
