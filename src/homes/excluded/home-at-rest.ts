import { withLock } from '../lock/with-lock.ts';
import { RoamhomeError } from '../../errors/errors.ts';
import type { Account } from '../../platform/platform.ts';
import type { FolderList } from '../mount/excluded-folders.ts';
import { foldersOf } from '../mount/excluded-folders.ts';
import type { HomeState } from '../../sync/home-state.ts';
import type { SyncResult } from '../synchronise.ts';
import { tellConflict } from '../diverged/conflict-report.ts';
import { isInUse } from '../homes-in-use.ts';
import { keepProof } from '../keep-proof.ts';
import { observeLocal } from '../observing.ts';
import { Findings, isSent } from '../report.ts';
import { roamingAccount } from '../roaming.ts';
import { identityOf, type Session } from '../session.ts';
import { describeSession, othersRecord, sessionRecordOf } from '../presence/session-record.ts';
import { secureChanges } from '../snapshots/snapshotting.ts';
import { unmountHome } from '../mount/unmounting.ts';
import { observeServer, syncWithServer } from '../with-server.ts';

/** A home that nobody uses, on this Mac as new as on the server, with all of it in a snapshot. */
export interface HomeAtRest {
  readonly account: Account;
  readonly home: HomeState;
  readonly list: FolderList;
  readonly findings: Findings;
}

/** What became of it afterwards. */
export interface Sent {
  /** The short name of the snapshot of what was changed; null: no file was. */
  readonly snapshot: string | null;
  /** It waits to be sent; `problems` says why. */
  readonly pending: boolean;
  readonly problems: readonly Error[];
  readonly warnings: readonly string[];
}

/**
 * Runs a task that changes a home, between what a login and what a logout do with the server: else what it changes would be
 * made on an old version, and be a conflict. Under the user's lock, which a login asks for: then it ends. Throws
 * `home-busy`, `logged-in-elsewhere`, `home-missing`, and what keeps the two sides from being brought together.
 */
export async function withHomeAtRest<T>(
  session: Session,
  task: (rest: HomeAtRest) => Promise<T>,
): Promise<{ readonly done: T; readonly sent: Sent }> {
  return withLock(session, 'exclude', async () => {
    const account = await accountOf(session);
    await requireUnused(session, account);
    const findings = new Findings();
    const secured = await secureChanges(session, 'unmounted');
    if (secured.home === null) throw homeMissing(session);
    const [unsecured] = secured.missed;
    if (unsecured !== undefined) throw unsecured;
    const server = await observeServer(session, session.signal);
    requireNoSession(session, server);
    const sync = await syncWithServer(session, { local: secured.home, server }, 'login', session.signal);
    tellConflict(sync.conflict, findings);
    requireTogether(session, sync);
    const [home, there] = [
      await observeLocal(session, 'ignore'),
      server ?? (await observeServer(session, session.signal)),
    ];
    if (home === null || there === null) throw homeMissing(session);
    const done = await task({ account, home, list: foldersOf(there), findings });
    return { done, sent: await send(session, findings) };
  });
}

async function accountOf(session: Session): Promise<Account> {
  const account = await roamingAccount(session);
  if (typeof account !== 'string') return account;
  throw new RoamhomeError({ code: 'user-unknown', message: account, remedy: 'Check the name: `id USER`.' });
}

/** What a run that was killed has left mounted elsewhere is nobody's use. */
async function requireUnused(session: Session, account: Account): Promise<void> {
  const home = await observeLocal(session, 'ignore');
  const running = await session.platform.countProcesses(account, session.signal);
  if (running > 0) throw inUse(session, `${running} of ${account.name}'s processes run`);
  if (home !== null && isInUse(session, home)) throw inUse(session, `it is mounted at ${session.mountpoint}`);
  const mounted = [...(home?.datasets ?? []), ...(home?.excluded ?? [])].some((dataset) => dataset.mounted);
  if (mounted) await unmountHome(session, { tries: 3, force: false });
}

function requireNoSession(session: Session, server: HomeState | null): void {
  const others = othersRecord(sessionRecordOf(server), identityOf(session));
  if (others === null) return;
  throw new RoamhomeError({
    code: 'logged-in-elsewhere',
    message: describeSession(session.user, others, session.now()),
    remedy:
      'Let them log out there first: else their work and this change would be a conflict. For a Mac that is gone, root on ' +
      `the server clears the note: zfs inherit roamhome:session ${session.serverHome}`,
  });
}

function requireTogether({ user }: Session, { conflict }: SyncResult): void {
  if (conflict?.setAside !== null) return;
  throw new RoamhomeError({
    code: 'diverged',
    message: `${user}'s home on this Mac and that on the server have both changed, and cannot be brought together now`,
    remedy: 'Nothing was excluded. See what `roamhome login` says of it.',
    cause: conflict.setAsideProblem ?? conflict.branchProblem ?? undefined,
  });
}

/** As a logout does it. What cannot be sent waits, and is told: the change itself is made. */
async function send(session: Session, findings: Findings): Promise<Sent> {
  const { user, spool, signal, now } = session;
  const { home, snapshot, missed } = await secureChanges(session, 'flushed');
  for (const error of missed) findings.problem(error);
  if (snapshot !== null) await spool.add(user, now().toISOString());
  else if (home !== null) await keepProof(session, home);
  const sync = await findings.attempt(async () =>
    syncWithServer(session, { local: home, server: await observeServer(session, signal) }, 'logout', signal),
  );
  tellConflict(sync?.conflict ?? null, findings);
  const pending = !isSent(sync) || missed.length > 0;
  if (!pending) await spool.remove(user);
  return { snapshot, pending, ...findings.told() };
}

function inUse({ user }: Session, why: string): RoamhomeError {
  return new RoamhomeError({
    code: 'home-busy',
    message: `the home of ${user} is in use: ${why}`,
    remedy: `Log ${user} out first (\`roamhome logout ${user}\` ends what still runs). Nothing was changed.`,
    retryable: true,
  });
}

function homeMissing({ user, localHome }: Session): RoamhomeError {
  return new RoamhomeError({
    code: 'home-missing',
    message: `${user} has no home ${localHome} on this Mac`,
    remedy: 'Run it on a Mac on which the user has logged in.',
  });
}
