import { isRoamhomeError, RoamhomeError } from '../errors/errors.ts';
import type { DatasetName } from '../zfs/names.ts';
import type { SyncZfs } from '../zfs/sync-zfs.ts';
import { isConflict, type Conflict, type ConflictPlaces } from './diverged/conflict.ts';
import { examineHome } from './snapshots/examine.ts';
import type { FileFacts } from './mount/file-facts.ts';
import { hasUnread, type HomeState } from '../sync/home-state.ts';
import type { MountGuard } from './mount/mount-guard.ts';
import { meetConflict } from './diverged/meet-conflict.ts';
import { observeHome } from '../sync/observe.ts';
import { Patience } from '../sync/patience.ts';
import { planSync, sendFlagsOf, type PlanOptions } from '../sync/plan.ts';
import { refusalError } from '../sync/refusal-error.ts';
import { pause, runSteps, type SyncListener, type Totals } from '../sync/run-steps.ts';
import type { Intent, LeftOut, Plan } from '../sync/step.ts';

export interface SyncOptions extends PlanOptions {
  readonly places: ConflictPlaces;
  readonly local: SyncZfs;
  readonly server: SyncZfs;
  readonly files: FileFacts;
  readonly guard: MountGuard;
  readonly stallMs: number;
  /** How long a dataset that an earlier run's receive still holds is waited for. */
  readonly busyMs: number;
  /** What all pushes together may take: a login does not wait for more. */
  readonly pushMs: number;
  readonly signal: AbortSignal;
  /** Milliseconds; rejects when the signal is aborted. */
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly listener: SyncListener;
}

export interface SyncResult {
  readonly pushedBytes: number;
  readonly pulledBytes: number;
  /** Nothing had to be done. */
  readonly wasEqual: boolean;
  /** The server has more than this Mac, which only a login brings. */
  readonly leftBehind: boolean;
  /** What could not be synced because of its name; the rest was. */
  readonly left: readonly LeftOut[];
  /** This Mac's line could not go on the server's; null: it could. */
  readonly conflict: Conflict | null;
  /** Lines that an earlier run has set aside on this Mac, and that the server has not got yet. Default: none. */
  readonly unsentLines?: readonly UnsentLine[];
}

/** A line that is on this Mac alone, and why it could not be sent now. */
export interface UnsentLine {
  readonly name: string;
  readonly problem: RoamhomeError;
}

/** A plan for each snapshot of an interrupted chain is the most that a healthy home needs; more is a bug. */
const maxRounds = 20;

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
  let conflict: Conflict | null = null;
  let way: Way = { defaultFlags: options.defaultFlags, pullOneByOne: false, replaceFlags: false };
  // What this very run puts on record may be taken back by it.
  const isFree = (server?.sendFlags ?? null) === null;
  const totals: Totals = { pushedBytes: 0, pulledBytes: 0, pushingMs: 0, steps: 0, putOff: 0 };
  const patience = new Patience(options.busyMs);
  for (let round = 1; round <= maxRounds + totals.putOff; round++) {
    const plan = planSync(local, server, { ...options, ...way, setbacks: patience.setbacks });
    options.listener.planned(plan);
    const { refusal } = plan;
    if (refusal !== null && (local === null || !isConflict(refusal)))
      throw refusalError(refusal, options.server.host.name);
    let { again } = plan;
    const run = { ...options, ...way, flags: sendFlagsOf(server, way), patience, totals };
    try {
      if (local === null || refusal === null || !isConflict(refusal)) {
        const done = await runSteps(plan.steps, run);
        if (!done) await pause(options);
        again ||= !done;
      } else if (hasUnread(local)) {
        // A conflict is named by the time of its first snapshot.
        again = true;
      } else ({ conflict, again } = await meetConflict(refusal, local, server, run));
    } catch (error) {
      way = otherWay(way, error, isFree && !patience.hasGivenUp(options.serverHome));
      again = true;
    }
    if (!again) return resultOf(totals, plan, options.intent, conflict);
    [local, server] = await observeBoth(options.localHome, options.serverHome, options);
  }
  throw new RoamhomeError({
    code: 'not-converging',
    message: `${options.localHome} and ${options.serverHome} were not equal after ${maxRounds} rounds`,
    remedy: 'Nothing is lost: every step only adds. Please report this with the log of the run.',
  });
}

function resultOf(
  { pushedBytes, pulledBytes, steps, putOff }: Totals,
  { behind, left }: Plan,
  intent: Intent,
  conflict: Conflict | null,
): SyncResult {
  return {
    pushedBytes,
    pulledBytes,
    wasEqual: steps + putOff === 0 && conflict === null,
    leftBehind: behind && intent !== 'login',
    left,
    conflict,
  };
}

type Way = Required<Pick<PlanOptions, 'defaultFlags' | 'pullOneByOne' | 'replaceFlags'>>;

/** How to go on after a failure that comes of how it was sent. Throws the failure where that is not so. */
function otherWay(way: Way, failure: unknown, isFree: boolean): Way {
  // Nothing had been sent: zfs holds all the snapshots before it sends the first.
  if (!way.pullOneByOne && isRoamhomeError(failure, 'hold-denied')) return { ...way, pullOneByOne: true };
  // One of the two sides is older than these flags, or encrypts what it receives, and nothing was sent with them yet:
  // without them, for good.
  if (
    isFree &&
    way.defaultFlags === 'Lec' &&
    isRoamhomeError(failure, 'unknown-option', 'stream-unsupported', 'stream-refused')
  )
    return { ...way, defaultFlags: '', replaceFlags: true };
  throw failure;
}

async function observeBoth(
  localHome: DatasetName,
  serverHome: DatasetName,
  {
    intent,
    local,
    server,
    files,
    guard,
    signal,
    sleep,
  }: Pick<SyncOptions, 'intent' | 'local' | 'server' | 'files' | 'guard' | 'signal' | 'sleep'>,
): Promise<[HomeState | null, HomeState | null]> {
  const here = { tokenReader: local, signal };
  return Promise.all([
    intent === 'checkpoint'
      ? observeHome(local, localHome, { ...here, changes: 'ignore' })
      : examineHome(local, localHome, { ...here, before: 'flushed', files, guard, sleep }),
    observeHome(server, serverHome, { tokenReader: local, changes: 'ignore', signal }),
  ]);
}
