import type { BranchOptions } from '../../../src/homes/diverged/branch.ts';
import type { SetAsideOptions } from '../../../src/homes/diverged/set-aside.ts';
import type { DatasetState, HomeState } from '../../../src/sync/home-state.ts';
import type { PlanOptions } from '../../../src/sync/plan.ts';
import type { Step } from '../../../src/sync/step.ts';
import type { SendFlags } from '../../../src/zfs/commands/stream.ts';
import type { DatasetName, ResumeToken } from '../../../src/zfs/names.ts';
import { home, localHome, serverHome, token } from './homes.ts';

// Situations of a home by a number, the same at every run: two lines of history with a common beginning, thinned here and
// there, names with blanks, and a third dataset that an earlier run has begun to fill.

export interface Situation {
  readonly local: HomeState | null;
  readonly server: HomeState | null;
  /** What is there already of a branch, a successor, a fetched branch or a view. */
  readonly onServer: HomeState | null;
  readonly onMac: HomeState | null;
  /** A branch of this home. */
  readonly branch: HomeState;
  readonly flags: SendFlags;
  readonly refused: ReadonlySet<ResumeToken>;
  readonly oneByOne: boolean;
  readonly apart: boolean;
  readonly intent: PlanOptions['intent'];
}

const branchName = 'tank/conflicts/alice-mac7-1' as DatasetName;
export const conflictsRoot = 'data/conflicts' as DatasetName;
const nextHome = 'data/conflicts/next/alice' as DatasetName;
export const views = 'data/conflicts/restore/alice' as DatasetName;

/** Numbers below `below`, one after another (Lehmer's generator). */
function dice(seed: number): (below: number) => number {
  let state = (seed % 2_147_483_646) + 1;
  return (below) => {
    state = Number((BigInt(state) * 48_271n) % 2_147_483_647n);
    return Math.floor((state / 2_147_483_647) * below);
  };
}

export function situation(seed: number): Situation {
  const draw = dice(seed * 7919 + 13);
  for (let i = 0; i < 5; i++) draw(2);
  const yes = (outOf: number): boolean => draw(outOf) === 0;
  const blank = (): string => (yes(9) ? '%' : '');
  const times = (most: number): number[] => Array.from({ length: draw(most + 1) }, (_, i) => i);
  const line = (side: string, from: number): string[] =>
    times(3).map((i) => `@${yes(4) ? 'auto' : side}${i}${blank()}:${from + i}${yes(4) ? '~' : ''}`);
  const shared = times(4).map((i) => `@c${i}${blank()}:${i + 1}${yes(6) ? '~' : ''}`);
  const thinned = (words: readonly string[]): string[] =>
    words.flatMap((word, i) =>
      i === words.length - 1 || !yes(3) ? [word] : yes(2) ? [word.replace('@', '#').replace('~', '')] : [],
    );
  const [mine, theirs] = [line('m', 100), line('s', 200)];
  const here = [...thinned(shared), ...mine];
  const there = [...thinned(shared), ...theirs];
  const guidOf = (word: string | undefined): string | null => /:(\d+)/.exec(word ?? '')?.[1] ?? null;
  const nameOf = (word: string | undefined): string =>
    (/[@#]([\w%]+)/.exec(word ?? '')?.[1] ?? '').replaceAll('%', ' ');
  /** What waits in a dataset that has `receiver`, of a stream from `sender`. */
  const cut = (receiver: readonly string[], sender: readonly string[], outOf: number): string[] => {
    if (!yes(outOf)) return [];
    if (yes(8)) return ['>?'];
    const to = guidOf(sender[draw(sender.length)]);
    const from = yes(4) ? guidOf(shared[draw(shared.length)]) : guidOf(receiver.at(-1));
    const kind = yes(4) ? '!w' : yes(6) ? '!none' : '';
    return to === null ? [] : [`>${from === null ? '' : `${from}..`}${to}${kind}`];
  };
  /** A beginning of a line after one of its versions, as a clone of `root`'s. */
  const begun = (words: readonly string[], root: DatasetName, outOf: number): string | null => {
    if (yes(outOf)) return null;
    const after = yes(3) ? -1 : draw(Math.max(1, shared.length));
    const own = words
      .slice(after + 1, after + 1 + draw(words.length + 1))
      .filter((word) => word.startsWith('@'));
    const origin = after < 0 || yes(3) ? [] : [`^${root}@${nameOf(shared[after])}`];
    const stray = yes(8) ? ['@stray:900'] : [];
    return [...own, ...stray, ...origin, ...cut([...shared.slice(0, after + 1), ...own], words, 3)].join(' ');
  };
  const side = (words: readonly string[], other: readonly string[], root: DatasetName): HomeState | null => {
    if (yes(12)) return null;
    const change = yes(6) ? ['+'] : [];
    return home(root, { '': [...words, ...change, ...cut(words, other, 6)].join(' ') }, yes(5) ? 'w' : 'Lec');
  };
  const origin =
    shared.length === 0 || yes(4) ? [] : [`^${serverHome}@${nameOf(shared[draw(shared.length)])}`];
  return {
    local: side(here, there, localHome),
    server: side(there, here, serverHome),
    onServer: home(branchName, begun(here, serverHome, 3)),
    onMac: home(nextHome, begun(there, localHome, 3)),
    branch: home(branchName, [...mine, '@last:150', ...origin].join(' '))!,
    flags: yes(4) ? 'w' : yes(6) ? '' : 'Lec',
    refused: new Set(yes(5) ? [token] : []),
    oneByOne: yes(2),
    apart: yes(5),
    intent: yes(3) ? 'logout' : 'login',
  };
}

/** The same dataset under another name. */
export function renamed(state: HomeState | null, name: DatasetName): HomeState | null {
  if (state === null) return null;
  const datasets = state.datasets.map((one): DatasetState => {
    const snapshots = one.snapshots.map((each) => ({
      ...each,
      name: each.name.replace(one.name, name) as never,
    }));
    return { ...one, name, snapshots };
  });
  return { ...state, root: name, datasets };
}

export function branchOptions({ flags, refused }: Situation): BranchOptions {
  return { user: 'alice', branch: branchName, flags, setbacks: { refused, written: new Set() } };
}

export function setAsideOptions({ flags, refused, oneByOne, apart }: Situation): SetAsideOptions {
  return {
    ...{ user: 'alice', localHome, conflictsRoot, nextHome, flags, apart },
    conflict: 'data/conflicts/alice-mac7-1' as DatasetName,
    pullOneByOne: oneByOne,
    setbacks: { refused, written: new Set() },
    properties: new Map([[localHome, { quota: '5G', keylocation: 'file:///k' }]]),
    showing: {},
  };
}

export function planOptionsOf({ flags, refused, oneByOne, intent }: Situation): PlanOptions {
  return {
    ...{ intent, localHome, serverHome, createOnServer: true, pullOneByOne: oneByOne },
    defaultFlags: flags,
    newHome: { root: { mountpoint: '/x' }, each: { canmount: 'noauto' }, raw: { keylocation: 'file:///k' } },
    setbacks: { refused, written: new Set() },
  };
}

/** One line a step, with all that makes it. */
export function linesOf(steps: readonly Step[]): readonly string[] {
  return steps.map((step) =>
    JSON.stringify(step, (key, value: unknown) => {
      if (typeof value === 'bigint') return Number(value);
      if (key === 'from' || key === 'to') return (value as { name?: string } | null)?.name ?? value;
      return value;
    }),
  );
}
