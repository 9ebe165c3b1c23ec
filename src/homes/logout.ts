import { RoamhomeError } from '../errors/errors.ts';
import type { Account } from '../platform/platform.ts';
import type { HomeState } from '../sync/home-state.ts';
import { limited } from '../sync/limited.ts';
import type { SyncResult } from './synchronise.ts';
import { tellConflict } from './diverged/conflict-report.ts';
import { tellLeft } from './tell-left.ts';
import { Presence } from './presence/presence.ts';
import { Findings, isSent, type SessionReport } from './report.ts';
import { roamingAccount } from './roaming.ts';
import { secureAtLogout, secureWithoutLock, type AtLogout } from './snapshots/secure-at-logout.ts';
import type { Session } from './session.ts';
import { sessionsLeft, stillLoggedIn } from './presence/sessions-left.ts';
import type { Lack } from './pending/spool.ts';
import { askForLock, type ComingLock } from './lock/session-lock.ts';
import { observeServer, syncWithServer } from './with-server.ts';

/**
 * After the user's session: end what is left of it, unmount, snapshot what changed, and only then touch the
 * network to push it, within the budget. The snapshot waits for no other run, and comes whatever fails before it. While another session
 * of the user goes on, nothing is ended or unmounted: the home is snapshotted and sent as it is. Never throws for what can go wrong on
 * the way; the report tells.
 */
export async function logout(session: Session): Promise<SessionReport> {
  const { user, spool } = session;
  const findings = new Findings();
  const report = {
    ...{ user, notRoaming: null, sync: null, snapshot: null, secured: true, pending: false },
    otherSessions: [],
    ...findings.told(),
  };
  const isMounted = async (): Promise<boolean> =>
    (await findings.attempt(() => session.mountpoints.isMountpoint(session.mountpoint))) ?? false;
  const account = await findings.attempt(() => roamingAccount(session));
  if (typeof account === 'string') return { ...report, mounted: await isMounted(), notRoaming: account };
  // Where nobody knows the user any more, what is mounted as their home is one all the same.
  if (account === null && !(await isMounted())) return { ...report, mounted: false };

  // First of all: a run that is killed, and one that fails, leave something to be found.
  await findings.attempt(() => spool.addLacking(user, session.now().toISOString(), 'logout'));
  const lock = askForLock(session, 'logout');
  const otherSessions = account === null ? [] : await sessionsLeft(session, account);
  const inUse = otherSessions.length > 0;
  if (inUse) findings.warn(`${stillLoggedIn(user, otherSessions)}; ${leftToThem(user)}`, null);
  else await endProcesses(session, account, findings);
  const before = new Findings();
  const early = await secureEarly(session, lock, before);
  const release = await findings.attempt(() => lock.here);
  try {
    // With the lock all is done once more, and what failed without it counts no more.
    if (release === null) findings.addAll(before);
    const secured = release === null ? early : await secureAtLogout(session, findings, { inUse });
    const isHeld = release !== null && secured?.home?.datasets.some((dataset) => dataset.mounted) === true;
    const mounted = isHeld || (await isMounted());
    const snapshot = secured?.snapshot ?? early?.snapshot ?? null;
    const isSecured = secured?.isSecured ?? false;
    await findings.attempt(() => note(session, { isSecured, mounted, inUse }));
    const told = { ...report, otherSessions, snapshot, secured: isSecured, mounted };
    if (isSecured && secured?.home === null && snapshot === null) {
      await findings.attempt(() => spool.remove(user));
      findings.problem(noHome(session));
      return told;
    }
    const home = release === null || account === null ? null : (secured?.home ?? null);
    const sent = home === null ? null : await send(session, home, { isSecured, inUse, findings });
    const sync = sent?.sync ?? null;
    const pending = !isSent(sync) || !isSecured || (mounted && !inUse);
    // What could not be told to the server now, the job that sends pending homes tells it.
    if (!pending && !inUse && sent?.hasLeft === true) await findings.attempt(() => spool.remove(user));
    return { ...told, sync, pending };
  } finally {
    // While the end is being reported; whoever opened the session awaits it.
    void session.server.close();
    await release?.();
    findings.sortLoudest();
  }
}

async function endProcesses(session: Session, account: Account | null, findings: Findings): Promise<void> {
  if (account === null) return;
  const { user, config, platform, log, signal, onProgress } = session;
  onProgress({ kind: 'activity', activity: 'ending-processes' });
  await findings.attempt(async () => {
    const killed = await platform.endProcesses(account, {
      graceMs: config.limits.processGraceSeconds * 1000,
      signal,
    });
    if (killed > 0) log.warn('processes-killed', { user, count: killed });
  });
}

/** What another run's lock would keep waiting; null: this run has the lock, and does it all in order. */
async function secureEarly(session: Session, lock: ComingLock, findings: Findings): Promise<AtLogout | null> {
  return (await lock.isHere()) ? null : secureWithoutLock(session, findings);
}

/** The second snapshot, of what a mounted home may yet become, is the job's. */
async function note(
  { spool, user, now }: Session,
  is: { readonly isSecured: boolean; readonly mounted: boolean; readonly inUse: boolean },
): Promise<void> {
  if (is.isSecured && !is.mounted) await spool.secured(user);
  else await spool.addLacking(user, now().toISOString(), lackOf(is));
}

function lackOf({ isSecured, inUse }: { readonly isSecured: boolean; readonly inUse: boolean }): Lack {
  if (!isSecured) return 'snapshot';
  return inUse ? 'session' : 'unmount';
}

/** To the server, within the budget. `sync` null: that failed, and is told. */
async function send(
  session: Session,
  home: HomeState,
  {
    isSecured,
    inUse,
    findings,
  }: { readonly isSecured: boolean; readonly inUse: boolean; readonly findings: Findings },
): Promise<{ readonly sync: SyncResult | null; readonly hasLeft: boolean }> {
  const { config, signal } = session;
  const presence = new Presence(session, findings);
  const sync = await findings.attempt(() =>
    limited(config.limits.logoutBudgetSeconds * 1000, signal, overBudget, async (budget) => {
      const server = await observeServer(session, budget);
      presence.observed(server);
      return syncWithServer(session, { local: home, server }, inUse ? 'checkpoint' : 'logout', budget);
    }),
  );
  tellConflict(sync?.conflict ?? null, findings);
  tellLeft(sync, findings);
  // Where work is in no snapshot, the server is to know of a session that has not ended well.
  return { sync, hasLeft: isSecured && !inUse && (await presence.leave(sync)) };
}

/** Nothing is amiss; an admin who wants them out says so to the system. */
function leftToThem(user: string): string {
  return `nothing was ended or unmounted. The home is unmounted once they are over; \`loginctl terminate-user ${user}\` ends them`;
}

/** Whatever the user worked in, it was not this: a logout that has nothing to send would hide it. */
export function noHome({ user, localHome }: Session): RoamhomeError {
  return new RoamhomeError({
    code: 'home-missing',
    message: `there is no home ${localHome} on this machine, so nothing of ${user} was sent`,
    remedy: 'Check local.root (`roamhome config show`), and in the log why the login did not bring the home.',
  });
}

function overBudget(milliseconds: number): RoamhomeError {
  return new RoamhomeError({
    code: 'timed-out',
    message: `the logout's time for sending, ${milliseconds / 1000} s, is over`,
    remedy: 'What was sent is kept there; the rest is sent at the next logout or login on this Mac.',
    retryable: true,
  });
}
