import { isRoamhomeError, RoamhomeError } from '../../errors/errors.ts';
import type { HomeState } from '../../sync/home-state.ts';
import { limited } from '../../sync/limited.ts';
import { isServerGone } from '../diverged/meet-conflict.ts';
import { sessionProperty } from '../../sync/properties.ts';
import type { SyncResult } from '../synchronise.ts';
import type { ZfsCommand } from '../../zfs/command.ts';
import { inheritProperty, setProperties } from '../../zfs/commands/change.ts';
import { listProperty } from '../../zfs/commands/list.ts';
import { denialOf, denies, elsewhereWarning } from './elsewhere.ts';
import type { Findings } from '../report.ts';
import { identityOf, type Session } from '../session.ts';
import {
  describeSession,
  isNamesake,
  formatSessionRecord,
  othersRecord,
  parseSessionRecord,
  sessionRecordOf,
  type SessionRecord,
} from './session-record.ts';

/** How long one command about the record is waited for: somebody stands in front of the login. */
const patienceMs = 10_000;

/**
 * The user's session on this Mac as the server's record tells it. It decides nothing about data: what goes wrong with it
 * is a warning, and costs nobody their home, unless the policy `deny` refuses the login (docs/adr/0006).
 */
export class Presence {
  readonly #session: Session;
  readonly #findings: Findings;
  readonly #since: Date;
  /** The server's home as the run's list showed it; undefined: it could not be asked. */
  #home: HomeState | null | undefined;
  #found: SessionRecord | null = null;
  #isTried = false;
  #isWritten = false;

  constructor(session: Session, findings: Findings) {
    this.#session = session;
    this.#findings = findings;
    this.#since = session.now();
  }

  /** Takes down what the run's one list of the server showed. */
  observed(server: HomeState | null): void {
    // By another name this Mac's own record would be another Mac's, and with `deny` keep its user out.
    if (this.#session.replaced.has('local.macName')) return;
    this.#home = server;
    this.#found = sessionRecordOf(server);
  }

  /**
   * At a login, before the sync: tells of a session elsewhere. Under the policy `deny` writes the record too, before
   * somebody else does. False: that policy refuses the login, which is a problem then. Never rejects.
   */
  async enter(): Promise<boolean> {
    const { user, log } = this.#session;
    const others = this.#others(this.#found);
    if (others !== null && !this.#meet(others)) return false;
    if (others === null && this.#found?.kind === 'known')
      log.info('session-record-left-behind', { user, since: this.#found.since.toISOString() });
    if (!denies(this.#session) || !this.#hasHome()) return true;
    const between = await this.#write();
    return between === null || this.#meet(between);
  }

  /**
   * At a login, after the sync: writes the record, unless that was done already. Over another Mac's only once `mounting`
   * tells that there is a home to be logged in to: only that Mac could put it back. Never rejects, unless `mounting` does.
   */
  async announce(sync: SyncResult | null, mounting: Promise<boolean>): Promise<void> {
    // A home that the server lacked is there after a sync.
    if (this.#isTried || this.#home === undefined || (!this.#hasHome() && sync === null)) return;
    if (this.#others(this.#found) !== null && !(await mounting)) return;
    const between = await this.#write();
    if (between !== null) this.#tell(between);
  }

  /** When there is no home to be logged in to after all: takes this Mac's record back. Never rejects. */
  async withdraw(): Promise<void> {
    if (!this.#isWritten) return;
    const { serverHome } = this.#session;
    await this.#advisory(() => this.#run(inheritProperty(serverHome, sessionProperty)));
  }

  /**
   * At a logout, after the push was tried: clears the record if it is this Mac's own still, and tells of another's. False: it
   * could not be done now, and is to be tried again. Never rejects.
   */
  async leave(sync: SyncResult | null): Promise<boolean> {
    const { user, now } = this.#session;
    const { isDone, others } = await this.#giveUp(sync);
    if (others !== null) {
      const session = describeSession(user, others, now(), identityOf(this.#session));
      this.#findings.warn(`${session}; that record is left on the server`, null);
    }
    return isDone;
  }

  /** The same for a job that sends what a logout could not: another's record is nothing to tell. Never rejects. */
  async leaveLater(sync: SyncResult | null): Promise<boolean> {
    return (await this.#giveUp(sync)).isDone;
  }

  /** A push takes minutes, in which another Mac may have come: then the record that was listed before is not there any more. */
  async #giveUp(
    sync: SyncResult | null,
  ): Promise<{ readonly isDone: boolean; readonly others: SessionRecord | null }> {
    const { serverHome } = this.#session;
    const listed = this.#others(this.#found);
    if (this.#found === null || listed !== null) return { isDone: true, others: listed };
    let others: SessionRecord | null = null;
    const failure = await this.#advisory(async () => {
      if (sync?.wasEqual !== true) {
        const now = parseSessionRecord(await this.#run(listProperty(serverHome, sessionProperty)));
        others = this.#others(now);
        if (now === null || others !== null) return;
      }
      await this.#run(inheritProperty(serverHome, sessionProperty));
    });
    return { isDone: failure !== 'later', others };
  }

  #hasHome(): boolean {
    return (this.#home ?? null) !== null;
  }

  #others(record: SessionRecord | null): SessionRecord | null {
    return othersRecord(record, identityOf(this.#session));
  }

  /** That the login goes on in spite of a session elsewhere. */
  #tell(others: SessionRecord): void {
    const { user, log } = this.#session;
    const text = elsewhereWarning(this.#session, others, this.#home ?? null);
    if (others.kind === 'known')
      log.warn('logged-in-elsewhere', { user, mac: others.macName, since: others.since.toISOString() });
    const isForUser = others.kind === 'known' && !isNamesake(others, identityOf(this.#session));
    this.#findings.warn(text, isForUser ? text : null);
  }

  /** False: it refuses the login. */
  #meet(others: SessionRecord): boolean {
    const denial = denialOf(this.#session, others);
    if (denial === null) this.#tell(others);
    else this.#findings.problem(denial);
    return denial === null;
  }

  /** Returns what stands there instead when another Mac has come in between, as far as that is looked at. */
  async #write(): Promise<SessionRecord | null> {
    const { serverHome } = this.#session;
    this.#isTried = true;
    let others: SessionRecord | null = null;
    await this.#advisory(async () => {
      await this.#set();
      this.#isWritten = true;
      if (!denies(this.#session) && this.#others(this.#found) === null) return;
      const now = parseSessionRecord(await this.#run(listProperty(serverHome, sessionProperty)));
      // The other Mac's logout took it for its own, and has cleared it.
      if (now === null) await this.#set();
      others = this.#others(now);
      if (others !== null) this.#isWritten = false;
    });
    return others;
  }

  async #set(): Promise<void> {
    const { serverHome } = this.#session;
    const own = identityOf(this.#session);
    const set = (value: string) => this.#run(setProperties(serverHome, { [sessionProperty]: value }));
    try {
      await set(formatSessionRecord(own, this.#since));
    } catch (error) {
      // An older gate knows no id of a machine.
      if (own.machineId === null || !isRoamhomeError(error, 'command-refused')) throw error;
      await set(formatSessionRecord({ ...own, machineId: null }, this.#since));
    }
  }

  async #run<T>(command: ZfsCommand<T>): Promise<T> {
    const { server, signal } = this.#session;
    return limited(patienceMs, signal, tooSlow, (bounded) => server.zfs.run(command, { signal: bounded }));
  }

  /** `failed`: it could not be done, and that is said; `later`: it may be, by a later run. */
  async #advisory(task: () => Promise<void>): Promise<'done' | 'failed' | 'later'> {
    try {
      // A new connection would take the time that the loss of the old one has taken already.
      const lost = this.#findings.problems.find(isServerGone);
      if (lost !== undefined) throw lost;
      await task();
      return 'done';
    } catch (error) {
      if (!isRoamhomeError(error)) this.#findings.problem(error);
      else {
        const { user } = this.#session;
        this.#findings.warn(
          `the server's record of where ${user} is logged in may be wrong now: ${error.message}`,
          null,
        );
      }
      return isRoamhomeError(error) && error.retryable ? 'later' : 'failed';
    }
  }
}

function tooSlow(milliseconds: number): RoamhomeError {
  return new RoamhomeError({
    code: 'timed-out',
    message: `the server has not answered within ${milliseconds / 1000} s`,
    remedy: 'Nothing hangs on it; the next login on any Mac writes the record anew.',
    retryable: true,
  });
}
