import type { RoamhomeError } from '../errors/errors.ts';
import type { ConflictPlaces } from './diverged/conflict.ts';
import type { HomeState } from '../sync/home-state.ts';
import { observeHome } from '../sync/observe.ts';
import type { PartialOwner } from '../sync/partial.ts';
import { planSync, sendFlagsOf, type PlanOptions } from '../sync/plan.ts';
import { excludedProperty, sessionProperty } from '../sync/properties.ts';
import type { SyncListener } from '../sync/run-steps.ts';
import type { Intent, Plan } from '../sync/step.ts';
import { synchronise, type SyncResult } from './synchronise.ts';
import { isRearranging, plannedTransfer, plannedTransfers } from '../sync/forecast.ts';
import { describePlan, describeStep } from '../sync/describe.ts';
import type { SendFlags } from '../zfs/commands/stream.ts';
import { parseDatasetName } from '../zfs/names.ts';
import { guardOf } from './mount/session-guard.ts';
import { sendUnsent, unsentLines } from './send-unsent.ts';
import { identityOf, type Session } from './session.ts';
import { describeSession, othersRecord, sessionRecordOf } from './presence/session-record.ts';

/**
 * How long a busy dataset is asked again: someone waits in front of a login, and the next checkpoint comes soon. A
 * server's sshd that is set up as documented finds a dead Mac within 20 s.
 */
const busyMs: Readonly<Record<Intent, number>> = { login: 10_000, logout: 60_000, checkpoint: 5_000 };

/** The server's side as it is now; null: it has no such home. */
export async function observeServer(session: Session, signal: AbortSignal): Promise<HomeState | null> {
  session.onProgress({ kind: 'activity', activity: 'listing' });
  await session.server.connect(signal);
  return observeHome(session.server.zfs, session.serverHome, {
    tokenReader: session.local,
    properties: [sessionProperty, excludedProperty],
    changes: 'ignore',
    signal,
  });
}

const sendFlags: Readonly<Record<Session['config']['policies']['sendFlags'], SendFlags>> = {
  auto: 'Lec',
  none: '',
  raw: 'w',
};

function keyOf({ user, config }: Session): Readonly<Record<string, string>> {
  const directory = config.local.homeKeyDirectory;
  return directory === undefined ? {} : { keylocation: `file://${directory}/${user}.key` };
}

/**
 * Who carries the server's line on while this home is in use too: whoever logged in last (docs/adr/0013). null: this
 * Mac, or nobody says.
 */
function takenBy(session: Session, server: HomeState | null): string | null {
  const own = identityOf(session);
  const others = othersRecord(sessionRecordOf(server), own);
  return others?.kind === 'known' ? describeSession(session.user, others, session.now(), own) : null;
}

/** What this Mac knows its own interrupted transfers by. */
function ownerOf(session: Session, server: HomeState | null): PartialOwner {
  const own = identityOf(session);
  return { macName: own.macName, isAlone: othersRecord(sessionRecordOf(server), own) === null };
}

/** What the planner has to know besides the two sides; `server`: as the run's first list shows it. */
export function planOptions(session: Session, intent: Intent, server: HomeState | null): PlanOptions {
  const { localHome, serverHome, config, platform, mountpoint } = session;
  return {
    intent,
    localHome,
    serverHome,
    createOnServer: config.policies.createOnServer,
    owner: ownerOf(session, server),
    lineTaken: intent === 'checkpoint' ? takenBy(session, server) : null,
    defaultFlags: sendFlags[config.policies.sendFlags],
    newHome: { root: { mountpoint }, each: platform.homeProperties, raw: keyOf(session) },
  };
}

/** Where lines go that left the server's. */
export function conflictPlaces({ user, config }: Session): ConflictPlaces {
  return {
    user,
    macName: config.local.macName,
    localConflictsRoot: parseDatasetName(config.local.conflictsRoot),
    serverConflictsRoot: parseDatasetName(config.server.conflictsRoot),
  };
}

/** Logs each plan and step, and tells them to whoever watches. */
export function syncListener({ log, user, onProgress }: Session): SyncListener {
  return {
    planned: (plan) => {
      log.info('planned', { user, step: describePlan(plan) });
      onProgress({ kind: 'planned', transfers: plannedTransfers(plan.steps) });
    },
    stepStarted: (step) => {
      log.info('step-started', { user, step: describeStep(step) });
      const transfer = plannedTransfer(step);
      if (transfer !== null) onProgress({ kind: 'transfer-started', transfer });
      else if (isRearranging(step)) onProgress({ kind: 'activity', activity: 'setting-aside' });
      return (progress) => {
        onProgress({ kind: 'moved', progress });
      };
    },
    stepPutOff: (step, error) => {
      log.warn('step-put-off', { user, step: describeStep(step), error });
      onProgress({ kind: 'transfer-ended', isWhole: false });
    },
    stepDone: (step, { bytes, contentBytes, estimatedBytes, durationMs }) => {
      const sizes = {
        ...(contentBytes !== null && { contentBytes }),
        ...(estimatedBytes !== null && { estimatedBytes }),
      };
      log.info('step-done', { user, step: describeStep(step), bytes, ...sizes, durationMs });
      onProgress({ kind: 'transfer-ended', isWhole: true });
    },
  };
}

/** True when a login has nothing to do, on either side. Pure. */
export function isNothingToDo(
  session: Session,
  { local, server }: { readonly local: HomeState | null; readonly server: HomeState | null },
): boolean {
  const { steps, refusal, again } = planSync(local, server, planOptions(session, 'login', server));
  return refusal === null && steps.length === 0 && !again;
}

/** Why this plan is not carried out: it would send, and a setting that sending depends on is wrong; null: it may be. Pure. */
export function heldBack({ held }: Pick<Session, 'held'>, plan: Plan): RoamhomeError | null {
  return onlyPulls(plan) ? null : held;
}

/** True when a plan takes nothing to the server: it only brings what this Mac lacks. */
function onlyPulls({ steps, refusal, again }: Plan): boolean {
  return (
    refusal === null &&
    !again &&
    steps.every((step) => (step.kind === 'send' || step.kind === 'resume') && step.direction === 'pull')
  );
}

/** Brings the home and the server together, and logs each plan and step. Throws a RoamhomeError. */
export async function syncWithServer(
  session: Session,
  first: { readonly local: HomeState | null; readonly server: HomeState | null },
  intent: Intent,
  signal: AbortSignal,
): Promise<SyncResult> {
  const { config } = session;
  const options = planOptions(session, intent, first.server);
  const held = session.held === null ? null : heldBack(session, planSync(first.local, first.server, options));
  if (held !== null) throw held;
  const shared = {
    places: conflictPlaces(session),
    stallMs: config.limits.stallSeconds * 1000,
    busyMs: busyMs[intent],
    pushMs: 1000 * (intent === 'login' ? config.limits.loginPushSeconds : config.limits.logoutBudgetSeconds),
    signal,
    listener: syncListener(session),
  };
  const result = await synchronise(first, {
    ...options,
    ...shared,
    local: session.local,
    server: session.server.zfs,
    files: session.files,
    guard: guardOf(session),
    sleep: session.sleep,
  });
  const unsent = unsentLines(first.local);
  if (unsent.length === 0) return result;
  const flags = sendFlagsOf(first.server, options);
  const { pushedBytes, left } = await sendUnsent(session, unsent, { ...shared, flags });
  // Others may have come to the server meanwhile.
  return { ...result, wasEqual: false, pushedBytes: result.pushedBytes + pushedBytes, unsentLines: left };
}
