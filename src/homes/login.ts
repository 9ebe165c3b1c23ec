import { isRoamhomeError, RoamhomeError } from '../errors/errors.ts';
import type { Account } from '../platform/platform.ts';
import type { SyncResult } from './synchronise.ts';
import { parseDatasetName } from '../zfs/names.ts';
import type { Before } from './snapshots/examine.ts';
import { foldersOf, type FolderList } from './mount/excluded-folders.ts';
import { isAsItsHead, offOnServerAlone, offOnServerInWords, type HomeState } from '../sync/home-state.ts';
import { offReceived, offReceivedInWords } from '../sync/own-marks.ts';
import { checkAccountHome } from './mount/account-home.ts';
import { tellConflict } from './diverged/conflict-report.ts';
import { tellLeft } from './tell-left.ts';
import { tellSetAside } from './diverged/tell-set-aside.ts';
import { foldersToMount } from './mount/mount-folders.ts';
import { checkOwner, mountHome } from './mount/mounting.ts';
import { unmountStrays } from './mount/mounts-in-home.ts';
import { Presence } from './presence/presence.ts';
import { observeLocal } from './observing.ts';
import { recoverHome } from './diverged/recovering.ts';
import { Findings, isSent, type SessionReport } from './report.ts';
import { roamingAccount } from './roaming.ts';
import type { Session } from './session.ts';
import { sessionsLeft, stillLoggedIn } from './presence/sessions-left.ts';
import { lockForSession } from './lock/session-lock.ts';
import { secureChanges, type Secured } from './snapshots/snapshotting.ts';
import { unmountHome } from './mount/unmounting.ts';
import { isNothingToDo, observeServer, syncWithServer } from './with-server.ts';

/**
 * Before the user's session: bring the home up to what the server has, and mount it. Whatever fails, the newest
 * complete local state is mounted. Never throws for what can go wrong on the way; the report tells.
 */
export async function login(session: Session): Promise<SessionReport> {
  const { user, signal } = session;
  const findings = new Findings();
  const report = {
    ...{ user, notRoaming: null, sync: null, snapshot: null, secured: true, mounted: false, pending: false },
    otherSessions: [],
    ...findings.told(),
  };
  // Connected to while this side is being looked at; awaited where the server is asked. Not for users who may be none
  // of its business, which takes the directory a while to say.
  const connectEarly = (): void => void session.server.connect(signal).catch(() => undefined);
  if (await session.hasRoamedHere()) connectEarly();
  const account = await findings.attempt(() => roamingAccount(session));
  if (account === null) return report;
  if (typeof account === 'string') return { ...report, notRoaming: account };
  connectEarly();

  const release = await findings.attempt(() => lockForSession(session, 'login'));
  try {
    // Without the lock another run is at work on this home: it is mounted as it is.
    const presence = new Presence(session, findings);
    const synced = release === null ? null : await bringUpToDate(session, account, presence, findings);
    const isDenied = synced?.denied === true;
    const mounting = mountUnless(isDenied, session, account, synced, findings);
    // The server is told while the home is being mounted.
    const announcing = isDenied ? null : presence.announce(synced?.sync ?? null, mounting);
    const [mounted] = await Promise.all([mounting, announcing]);
    if (!mounted) await presence.withdraw();
    // Whoever opened the session awaits it.
    void session.server.close();
    const pending = (await findings.attempt(() => notePending(session, synced))) ?? true;
    // The session before may have been days ago, and nobody was there to read what its logout said.
    if (pending) findings.notice(unsentBefore);
    return {
      ...report,
      pending,
      sync: synced?.sync ?? null,
      snapshot: synced?.snapshot ?? null,
      secured: synced?.secured ?? true,
      mounted,
    };
  } finally {
    await release?.();
    findings.sortLoudest();
  }
}

const unsentBefore =
  'Your last work on this computer has not reached the server yet. It is safe here, and is missing on other computers for now.';

/** Whether there is a home at its place in the end. */
async function mountUnless(
  isDenied: boolean,
  session: Session,
  account: Account,
  synced: Synced | null,
  findings: Findings,
): Promise<boolean> {
  const prepared = isDenied ? null : await prepareHome(session, account, synced, findings);
  return prepared ?? session.mountpoints.isMountpoint(session.mountpoint);
}

/** Mounts what is on this Mac; null: that failed, and is told. */
async function prepareHome(
  session: Session,
  account: Account,
  synced: Synced | null,
  findings: Findings,
): Promise<boolean | null> {
  return findings.attempt(async () => {
    // An abort ends the sync, not the login.
    const unhurried: Session = { ...session, signal: new AbortController().signal };
    const home = synced?.untouched ?? (await observeLocal(unhurried, 'ignore'));
    if (home === null) throw noHomeHere(session, findings);
    const folders = foldersToMount(unhurried, home, synced?.folders ?? null, { account, findings });
    await mountHome(unhurried, home, findings, { folders, isShared: synced === null });
    await checkOwner(unhurried, account, findings);
    await checkAccountHome(unhurried, account, findings);
    await findings.attempt(() => tellSetAside(unhurried, home, synced?.sync?.conflict ?? null, findings));
    return true;
  });
}

/** True when something of this home may not have reached the server, now or since an earlier session. */
async function notePending({ spool, user, now }: Session, synced: Synced | null): Promise<boolean> {
  const since = now().toISOString();
  if (synced?.secured === false) await spool.addLacking(user, since, 'snapshot');
  else if (synced?.isSeen === true) await spool.secured(user);
  if (isSent(synced?.sync ?? null) && synced?.secured !== false) {
    await spool.remove(user);
    return false;
  }
  if ((synced?.snapshot ?? null) !== null || (synced?.sync ?? null) !== null) await spool.add(user, since);
  return (await spool.list()).some((home) => home.user === user);
}

interface Synced {
  readonly sync: SyncResult | null;
  readonly snapshot: string | null;
  /** The home was looked at: what was in it is in a snapshot by now, or `secured` is false. */
  readonly isSeen: boolean;
  /** False: something is in no snapshot that should be. */
  readonly secured: boolean;
  /** This side's state when nothing was done to it since it was observed; null: observe again. */
  readonly untouched: Secured['home'];
  /** The server's list of excluded folders; null: it could not be asked, or has no such home. */
  readonly folders: FolderList | null;
  /** The policy refuses a user who is logged in elsewhere: the home is not to be mounted. */
  readonly denied: boolean;
}

async function bringUpToDate(
  session: Session,
  account: Account,
  presence: Presence,
  findings: Findings,
): Promise<Synced> {
  const { signal } = session;
  const observing = observeServer(session, signal);
  observing.catch(() => undefined);
  const seen = await findings.attempt(() => secureHome(session, account, findings));
  for (const error of seen?.missed ?? []) findings.problem(error);
  session.onProgress({ kind: 'activity', activity: 'listing' });
  const unsynced = {
    ...{ sync: null, snapshot: seen?.snapshot ?? null, untouched: null },
    ...{ isSeen: seen !== null, secured: isSecured(findings) },
    ...{ folders: null, denied: false },
  };
  const server = await findings.attempt(async () => ({ home: await observing }));
  if (server === null) return unsynced;
  const synced = { ...unsynced, folders: server.home === null ? null : foldersOf(server.home) };
  for (const name of offReceived(seen?.home?.datasets ?? [])) findings.warn(offReceivedInWords(name));
  for (const path of offOnServerAlone(seen?.home ?? null, server.home))
    findings.warn(offOnServerInWords(path, session.serverHome));
  presence.observed(server.home);
  if (!(await presence.enter())) return { ...synced, denied: true };
  if (seen === null || isMounted(seen.home)) return synced;
  const secured = await findings.attempt(() => secureForSync(session, seen, server.home));
  if (secured === null) return { ...synced, secured: isSecured(findings) };
  if (secured !== seen) for (const error of secured.missed) findings.problem(error);
  const sync = await findings.attempt(() =>
    syncWithServer(session, { local: secured.home, server: server.home }, 'login', signal),
  );
  tellConflict(sync?.conflict ?? null, findings);
  tellLeft(sync, findings);
  return {
    ...synced,
    snapshot: secured.snapshot,
    secured: isSecured(findings),
    sync,
    untouched: sync?.wasEqual === true ? secured.home : null,
  };
}

function isSecured({ problems }: Findings): boolean {
  return !problems.some((error) => isRoamhomeError(error, 'no-snapshot'));
}

/** Proves what `secureHome` took for granted, unless nothing is going to be done with it. */
async function secureForSync(session: Session, seen: Secured, server: HomeState | null): Promise<Secured> {
  if (seen.isUnproven !== true || isNothingToDo(session, { local: seen.home, server })) return seen;
  return secureChanges(session, 'unmounted');
}

/**
 * Unmounted, and with every change in a snapshot. Waits for a pool that is still being imported. Of a home that lies there as its
 * newest snapshots do, what a crash may have left in the intent log is not asked: the mount that ends this login
 * replays it, so that it has to be known only where something else is done before (ADR 21).
 */
async function secureHome(session: Session, account: Account, findings: Findings): Promise<Secured> {
  // The last logout has unmounted it, and then zfs need not be asked.
  if (await session.mountpoints.isMountpoint(session.mountpoint)) {
    const before = await unmountForLogin(session, account, findings);
    const secured = await secureChanges(session, before);
    if (before === 'in-use' || (secured.home !== null && !isMounted(secured.home))) return secured;
  }
  const home = await observeLocal(session, 'assume-files');
  if (home !== null && (await unmountStrays(session, home))) return secureChanges(session, 'unmounted');
  // Mounted somewhere else.
  if (isMounted(home)) return secureChanges(session, await unmountForLogin(session, account, findings));
  const recovered = await recoverHome(session, home);
  if (home !== null && !recovered && home.datasets.every(isAsItsHead))
    return { home, snapshot: null, missed: [], isUnproven: true };
  if (home === null && !recovered && !(await waitForPool(session)))
    return { home, snapshot: null, missed: [] };
  return secureChanges(session, 'unmounted');
}

/** A home that stays busy, or that another session of the user goes on in, is snapshotted as it is, and not synced. */
async function unmountForLogin(session: Session, account: Account, findings: Findings): Promise<Before> {
  const others = await sessionsLeft(session, account);
  if (others.length > 0) {
    findings.warn(`${stillLoggedIn(session.user, others)}; the home stays mounted as it is for them`, null);
    return 'in-use';
  }
  try {
    return await unmountHome(session, { tries: 3, force: false });
  } catch (error) {
    if (!isRoamhomeError(error, 'home-busy')) throw error;
    findings.problem(error);
    return 'in-use';
  }
}

function isMounted(home: HomeState | null): boolean {
  return home?.datasets.some((dataset) => dataset.mounted) === true;
}

const poolPauseMs = 500;

/** True when it had to wait. Throws `pool-not-imported` after the bound. */
async function waitForPool({ local, config, log, user, signal, sleep }: Session): Promise<boolean> {
  const root = parseDatasetName(config.local.root);
  const deadline = Date.now() + config.limits.poolWaitSeconds * 1000;
  for (let waited = false; ; waited = true) {
    if (await local.exists(root, { signal })) return waited;
    if (!waited) log.warn('waiting-for-pool', { user, dataset: root });
    if (Date.now() >= deadline) break;
    await sleep(poolPauseMs);
  }
  throw new RoamhomeError({
    code: 'pool-not-imported',
    message: `${root} was not there within ${config.limits.poolWaitSeconds} s`,
    remedy: 'Import the pool (`zpool import POOL`), or correct local.root (`roamhome config show`).',
    retryable: true,
  });
}

export function noHomeHere(session: Session, findings: Pick<Findings, 'problems'>): RoamhomeError {
  const offline = findings.problems.some((error) =>
    isRoamhomeError(error, 'server-unreachable', 'connection-lost'),
  );
  return new RoamhomeError({
    code: 'home-missing',
    message: `${session.user} has no home on this Mac yet${offline ? ', and the server cannot be asked for it' : ''}`,
    remedy: offline
      ? 'Log in again when the server is back; until then the system gives the user an empty home or none.'
      : 'See the problem above; the next login tries again.',
    retryable: true,
  });
}
