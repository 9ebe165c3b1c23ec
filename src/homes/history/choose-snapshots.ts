import { RoamhomeError } from '../../errors/errors.ts';
import { localTime } from '../../format/time.ts';
import { homeSnapshots, type HomeHistory, type KnownSnapshot } from './home-history.ts';
import { parseMoment } from './parse-moment.ts';

/** Which past of a home is meant. */
export type Wanted =
  | { readonly kind: 'name'; readonly name: string }
  /** Milliseconds since the epoch. */
  | { readonly kind: 'moment'; readonly at: number };

/** The snapshot of each dataset that shows the home as it was, by the dataset's path. Without those that had none yet. */
export type PastHome = ReadonlyMap<string, KnownSnapshot>;

/** A snapshot's name, with or without dataset and @, or words for a time. Throws `usage`. Pure. */
export function parseWanted(words: string, history: HomeHistory, now: Date): Wanted {
  const name = words.slice(words.indexOf('@') + 1);
  const isName = history.datasets.some(({ snapshots }) => snapshots.some(({ short }) => short === name));
  return isName ? { kind: 'name', name } : { kind: 'moment', at: parseMoment(words, now) };
}

/**
 * The home as it was at a moment: of each dataset the newest snapshot at or before it. By a name: those of that name,
 * and where a dataset has none (thinned, or not there then) the newest before. Throws `dataset-missing`. Pure.
 */
export function choosePast(history: HomeHistory, wanted: Wanted): PastHome {
  const bound = wanted.kind === 'moment' ? wanted.at / 1000 : creationOf(history, wanted.name);
  const past = new Map<string, KnownSnapshot>();
  for (const { path, snapshots } of history.datasets) {
    const named = wanted.kind === 'name' ? snapshots.find(({ short }) => short === wanted.name) : undefined;
    const found = named ?? snapshots.findLast(({ creation }) => creation <= bound);
    if (found !== undefined) past.set(path, found);
  }
  if (past.size === 0) throw tooEarly(history, bound);
  return past;
}

function creationOf(history: HomeHistory, name: string): number {
  const times = history.datasets.flatMap(({ snapshots }) =>
    snapshots.filter(({ short }) => short === name).map(({ creation }) => creation),
  );
  return Math.max(...times);
}

function tooEarly(history: HomeHistory, bound: number): RoamhomeError {
  const oldest = homeSnapshots(history).at(-1);
  const { user } = history;
  return new RoamhomeError({
    code: 'dataset-missing',
    message:
      oldest === undefined
        ? `there is no snapshot of ${user}'s home`
        : `there is no snapshot of ${user}'s home at or before ${localTime(bound * 1000)}; the oldest is of ${localTime(oldest.creation * 1000)}`,
    remedy: `\`roamhome snapshots ${user}\` lists those that there are, on this Mac and on the server.`,
  });
}

/** The datasets of which a path was part: that in which it lay, and those that lay below it. Pure. */
export function datasetsOfPath(past: PastHome, parts: readonly string[]): PastHome {
  const path = parts.join('/');
  const above = [...past.keys()]
    .filter((dataset) => dataset === '' || path === dataset || path.startsWith(`${dataset}/`))
    .sort((a, b) => a.length - b.length)
    .at(-1);
  return new Map([...past].filter(([dataset]) => dataset === above || dataset.startsWith(`${path}/`)));
}
