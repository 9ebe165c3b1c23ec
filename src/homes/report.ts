import type { Config } from '../config/schema.ts';
import { isRoamhomeError } from '../errors/errors.ts';
import { count } from '../format/count.ts';
import { binarySize } from '../format/size.ts';
import { redact } from '../log/redact.ts';
import type { ProgressEvent, ShownProblem } from '../progress/event.ts';
import { askAdmin } from '../progress/user-words.ts';
import type { Conflict } from './diverged/conflict.ts';
import type { SyncResult } from './synchronise.ts';

/** How a login or a logout went. Never thrown: a failure is told, and the user goes on. */
export interface SessionReport {
  readonly user: string;
  /** Why the user's home does not roam at all; nothing was done then. */
  readonly notRoaming: string | null;
  /** null: the two sides were not brought together; `problems` says why. */
  readonly sync: SyncResult | null;
  /** The short name of the snapshot that was made; null: none was needed. */
  readonly snapshot: string | null;
  /** Something of the home is in no snapshot when this is false: the first of the problems says why. */
  readonly secured: boolean;
  /** The home has something that may not have reached the server; `roamhome push --pending` sends it. */
  readonly pending: boolean;
  /** Whether the home is mounted now. */
  readonly mounted: boolean;
  /** The user's other sessions on this machine, which go on: nothing was ended or unmounted. */
  readonly otherSessions: readonly string[];
  /** In the order in which they came up; none: all went well. */
  readonly problems: readonly Error[];
  /** Worth a word, but nothing failed. */
  readonly warnings: readonly string[];
  /** What the user is told besides the first problem, in their words. */
  readonly notices?: readonly string[];
}

/** Collects what a session has to tell. */
export class Findings {
  readonly problems: Error[] = [];
  readonly warnings: string[] = [];
  readonly notices: string[] = [];

  /** The lists themselves: what comes up later is in them too. */
  told(): Pick<SessionReport, 'problems' | 'warnings'> & { readonly notices: readonly string[] } {
    return { problems: this.problems, warnings: this.warnings, notices: this.notices };
  }

  problem(error: unknown): void {
    this.problems.push(error instanceof Error ? error : new Error(String(error)));
  }

  addAll({ problems, warnings, notices }: Findings): void {
    this.problems.push(...problems);
    this.warnings.push(...warnings);
    for (const notice of notices) this.notice(notice);
  }

  /** That no snapshot was made is said before all else, in what people see and by the exit code. */
  sortLoudest(): void {
    const isQuieter = (error: Error): number => (isRoamhomeError(error, 'no-snapshot') ? 0 : 1);
    this.problems.sort((a, b) => isQuieter(a) - isQuieter(b));
  }

  /** `notice`: what the user is told of it, who knows no dataset and may run no command; null: nothing. */
  warn(warning: string, notice: string | null = askAdmin): void {
    this.warnings.push(warning);
    if (notice !== null) this.notice(notice);
  }

  /** Tells the user alone, once. */
  notice(notice: string): void {
    if (!this.notices.includes(notice)) this.notices.push(notice);
  }

  /** What the task returns, or null after taking down why it failed. */
  async attempt<T>(task: () => Promise<T>): Promise<T | null> {
    try {
      return await task();
    } catch (error) {
      this.problem(error);
      return null;
    }
  }
}

/** What those who watch are told in the end: the first problem, and nothing of a bug but that it is one. Pure. */
export function endOf(
  summary: string,
  { problems, warnings, notices = [] }: Pick<SessionReport, 'problems' | 'warnings' | 'notices'>,
): ProgressEvent {
  const [first] = problems;
  const problem = first === undefined ? null : shownProblem(first);
  return { kind: 'ended', summary, problem, warnings: warnings.map(redact), notices };
}

function shownProblem(error: Error): ShownProblem {
  if (!isRoamhomeError(error))
    return {
      code: 'bug',
      message: 'a bug in Roamhome',
      remedy: 'Please report it, with the log of the run.',
    };
  return { code: error.code, message: redact(error.message), remedy: redact(error.remedy) };
}

/**
 * True when all that this Mac has of the home is on the server, on its line or beside it. What is beside it only because an interrupted
 * transfer of this Mac's own waits there, or until somebody has done what cures it, is to be sent once more: nobody else will bring it
 * onto the line.
 */
export function isSent(sync: SyncResult | null): boolean {
  if (sync === null || (sync.unsentLines ?? []).length > 0) return false;
  if (sync.conflict !== null && (sync.conflict.branch === null || isWaitedFor(sync.conflict))) return false;
  return !sync.left.some(({ isUnsent }) => isUnsent);
}

function isWaitedFor({ kind, cure }: Conflict): boolean {
  return kind === 'own-partial' || (kind === 'server-blocked' && cure !== undefined);
}

/** True when this Mac's line could not become the home's next version: all of it is kept, but beside the home. */
export function isConflict({ sync }: Pick<SessionReport, 'sync'>): boolean {
  return sync !== null && sync.conflict !== null && sync.conflict.kind !== 'own-partial';
}

/** True when the policies ask to keep the user out: logged in elsewhere, or without a home. Pure. */
export function isLoginRefused(
  { mounted, problems }: Pick<SessionReport, 'mounted' | 'problems'>,
  { onLoginFailure }: Config['policies'],
): boolean {
  return (
    problems.some((error) => isRoamhomeError(error, 'logged-in-elsewhere')) ||
    (onLoginFailure === 'refuse' && problems.length > 0 && !mounted)
  );
}

/** A run with a conflict is never told as one without. */
export const conflictInWords = 'CONFLICT: work is kept beside the home';

/** One line for people. */
export function summarise(report: SessionReport, what: 'login' | 'logout'): string {
  const { user, sync, problems } = report;
  if (report.notRoaming !== null) return `${what} of ${user}: ${report.notRoaming}`;
  const parts: string[] = report.secured ? [] : ['NO SNAPSHOT of all that is in the home'];
  if (sync === null) parts.push('not synced');
  else if (sync.wasEqual)
    parts.push(sync.leftBehind || !report.secured ? 'nothing to send' : 'nothing to do');
  else parts.push(...moved(sync));
  if (isConflict(report)) parts.push(conflictInWords);
  if (what === 'login') parts.push(report.mounted ? 'home mounted' : 'home NOT mounted');
  else if (report.otherSessions.length > 0) parts.push('still logged in here');
  else if (report.mounted) parts.push('home still mounted');
  if (report.pending) parts.push(report.secured ? 'pending, nothing is lost' : 'pending');
  if (problems.length > 0) parts.push(count(problems.length, 'problem'));
  return `${what} of ${user}: ${parts.join(', ')}`;
}

function moved({ pushedBytes, pulledBytes }: SyncResult): string[] {
  const parts: string[] = [];
  if (pushedBytes > 0) parts.push(`sent ${binarySize(pushedBytes)}`);
  if (pulledBytes > 0) parts.push(`received ${binarySize(pulledBytes)}`);
  return parts.length === 0 ? ['synced'] : parts;
}
