import { RoamhomeError } from '../errors/errors.ts';
import { limited } from '../replication/limited.ts';
import { tellConflict } from './conflict-report.ts';
import { Presence } from './presence.ts';
import { lockForSession } from './session-lock.ts';
import { Findings, isSent, type SessionReport } from './report.ts';
import { roamingAccount } from './roaming.ts';
import type { Session } from './session.ts';
import { secureChanges } from './snapshotting.ts';
import { unmountHome } from './unmounting.ts';
import { observeServer, syncWithServer } from './with-server.ts';

/**
 * After the user's session: end what is left of it, unmount, snapshot what changed, and only then touch the
 * network to push it, within the budget. Never throws for what can go wrong on the way; the report tells.
 */
export async function logout(session: Session): Promise<SessionReport> {
  const { user, config, platform, log, signal } = session;
  const findings = new Findings();
  const report = {
    ...{ user, notRoaming: null, sync: null, snapshot: null, mounted: false, pending: false },
    ...findings.told(),
  };
  const account = await findings.attempt(() => roamingAccount(session));
  if (account === null) return report;
  if (typeof account === 'string') return { ...report, notRoaming: account };

  const release = await findings.attempt(() => lockForSession(session, 'logout'));
  if (release === null) return report;
  try {
    session.onProgress({ kind: 'activity', activity: 'ending-processes' });
    await findings.attempt(async () => {
      const killed = await platform.endProcesses(account, {
        graceMs: config.limits.processGraceSeconds * 1000,
        signal,
      });
      if (killed > 0) log.warn('processes-killed', { user, count: killed });
    });
    // A home that stays busy is snapshotted as it is: better what is on disk now than nothing.
    const before = await findings.attempt(() => unmountHome(session, { tries: 4, force: true }));
    const secured = await findings.attempt(() => secureChanges(session, before ?? 'in-use'));
    if (secured === null) return report;
    const { home, snapshot } = secured;
    if (home === null) {
      findings.problem(noHome(session));
      return report;
    }
    const mounted = home.datasets.some((dataset) => dataset.mounted);

    // Before the network: what a crash leaves unsent is to be found too.
    await findings.attempt(() => session.spool.add(user, session.now().toISOString()));
    const presence = new Presence(session, findings);
    const sync = await findings.attempt(() =>
      limited(config.limits.logoutBudgetSeconds * 1000, signal, overBudget, async (budget) => {
        const server = await observeServer(session, budget);
        presence.observed(server);
        return syncWithServer(session, { local: home, server }, 'logout', budget);
      }),
    );
    tellConflict(sync?.conflict ?? null, findings);
    const pending = !isSent(sync);
    // What could not be told to the server now, the job that sends pending homes tells it.
    const hasLeft = await presence.leave(sync);
    if (!pending && hasLeft) await findings.attempt(() => session.spool.remove(user));
    return { ...report, sync, snapshot, mounted, pending };
  } finally {
    // While the end is being reported; whoever opened the session awaits it.
    void session.server.close();
    await release();
  }
}

/** Whatever the user worked in, it was not this: a logout that has nothing to send would hide it. */
function noHome({ user, localHome }: Session): RoamhomeError {
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
