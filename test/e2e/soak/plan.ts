import { randomOf, type Random } from './random.ts';

export type MacName = 'mac-a' | 'mac-b';
export type UserName = 'alice' | 'bob';

/** What others do while a run is under way, so many seconds after it began. */
export interface Aside {
  readonly what: 'snapshot-here' | 'snapshot-on-server' | 'thin' | 'thin-server' | 'tend';
  readonly seconds: number;
  /** The name of a snapshot has a blank in it. */
  readonly blank: boolean;
}

/** One session of one user, and what befalls it. */
export interface SessionPlan {
  readonly number: number;
  readonly user: UserName;
  readonly mac: MacName;
  /** Seconds after which the run is killed; null: it is not. */
  readonly killLogin: number | null;
  readonly killLogout: number | null;
  readonly works: boolean;
  readonly checkpoint: boolean;
  /** A program has a file of the home open from before the logout on, for so many seconds. */
  readonly holdSeconds: number | null;
  readonly asides: readonly Aside[];
  /** The user does not log out. */
  readonly stays: boolean;
}

/** A session of each user at the same time, and what befalls both. */
export interface Round {
  readonly sessions: readonly [SessionPlan, SessionPlan];
  /** Of the Mac's link, from before the logins on. */
  readonly net: readonly { readonly mac: MacName; readonly words: readonly string[] }[];
  /** Where there is no room at the logouts. */
  readonly full: 'server' | MacName | null;
  /** A Mac loses its power so many seconds after the logouts began. */
  readonly powerCut: { readonly mac: MacName; readonly seconds: number } | null;
}

const macs: readonly MacName[] = ['mac-a', 'mac-b'];

function sessionOf(random: Random, number: number, user: UserName): SessionPlan {
  const some = (percent: number, seconds: readonly number[]): number | null =>
    random.chance(percent) ? random.oneOf(seconds) : null;
  return {
    number,
    user,
    mac: random.oneOf(macs),
    killLogin: some(12, [0.5, 1.5, 3]),
    works: random.chance(85),
    checkpoint: random.chance(25),
    holdSeconds: some(20, [3, 8, 300]),
    killLogout: some(15, [0.5, 1.5, 3, 5]),
    asides: Array.from({ length: random.below(3) }, () => ({
      what: random.oneOf(['snapshot-here', 'snapshot-on-server', 'thin', 'thin-server', 'tend'] as const),
      seconds: random.oneOf([0, 1, 2, 4]),
      blank: random.chance(30),
    })),
    stays: random.chance(10),
  };
}

/** So many sessions in rounds of two, the same for the same seed. */
export function planRounds(seed: string, sessions: number): readonly Round[] {
  const random = randomOf(seed);
  return Array.from({ length: Math.ceil(sessions / 2) }, (_, round) => ({
    sessions: [sessionOf(random, 2 * round + 1, 'alice'), sessionOf(random, 2 * round + 2, 'bob')] as const,
    net: random.chance(30)
      ? [
          {
            mac: random.oneOf(macs),
            words: random.oneOf([['cut'], ['loss', '5', 'delay', '100'], ['rate', '2']]),
          },
        ]
      : [],
    full: random.chance(15) ? random.oneOf(['server', ...macs] as const) : null,
    powerCut: random.chance(12) ? { mac: random.oneOf(macs), seconds: random.oneOf([1, 3, 6]) } : null,
  }));
}
