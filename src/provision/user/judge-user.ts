import { parseSessionRecord } from '../../homes/presence/session-record.ts';
import { isUserName, type DatasetName } from '../../zfs/names.ts';

/** A home as the server has it. */
export interface SeenHome {
  readonly dataset: DatasetName;
  readonly usedBytes: bigint;
  /** 0: none. */
  readonly quotaBytes: bigint;
  /** Seconds since the epoch. */
  readonly newest: number | null;
  readonly isPartial: boolean;
  /** The session record as zfs shows it. */
  readonly session: string;
}

/** A user as the directory has them. `mistake`: what is wrong with their entry. */
export interface KnownUser {
  readonly uid: number | null;
  readonly isMember: boolean;
  readonly mistake: string | null;
}

/** A line of the list. */
export interface ListedUser {
  readonly user: string;
  readonly uid: number | null;
  readonly home: SeenHome | null;
  readonly problems: readonly string[];
}

/** How much of a quota may be used before it is said. */
const nearlyFull = 90n;

/** What is wrong with a user. `home` and `known`: null: there is none. Pure. */
export function judgeUser(
  user: string,
  home: SeenHome | null,
  known: KnownUser | null,
  byDirectory: boolean,
): ListedUser {
  const problems: string[] = [];
  if (known === null) {
    problems.push(
      user.startsWith('.new-') && !isUserName(user)
        ? 'left by `provision user add` that was cut off: run it again'
        : byDirectory
          ? 'a home without a member of the group in the directory'
          : 'a home without a user that this server knows',
    );
  }
  const mistake = known?.mistake ?? null;
  if (mistake !== null) problems.push(mistake);
  if (home === null) problems.push('no home on the server');
  else {
    if (home.newest === null)
      problems.push(home.isPartial ? 'the first transfer is not complete' : 'no snapshot');
    else if (home.isPartial) problems.push('a transfer was interrupted');
    if (home.quotaBytes > 0n && home.usedBytes * 100n >= home.quotaBytes * nearlyFull)
      problems.push('the quota is nearly used up');
    if (parseSessionRecord(home.session)?.kind === 'unknown')
      problems.push('the note of where they are logged in cannot be read');
  }
  return { user, uid: known?.uid ?? null, home, problems };
}
