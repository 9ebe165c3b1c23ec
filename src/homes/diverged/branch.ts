import { childOf, type DatasetName } from '../../zfs/names.ts';
import type { SendFlags } from '../../zfs/commands/stream.ts';
import type { Snapshot, Version } from '../../zfs/version.ts';
import { bring } from '../../sync/bring.ts';
import { newestCommon } from '../../sync/common.ts';
import {
  headOf,
  isUnfinished,
  type DatasetPair,
  type DatasetState,
  type HomeState,
} from '../../sync/home-state.ts';
import { conflictProperty } from '../../sync/properties.ts';
import { relate } from '../../sync/relation.ts';
import { isSayable, isSayablePath } from '../../sync/sayable.ts';
import { noSetbacks, type Setbacks } from '../../sync/setbacks.ts';
import type { Refusal, Step } from '../../sync/step.ts';

export interface BranchOptions {
  readonly user: string;
  /** Where the branch is, or would be, on the server: `data/profiles-conflicts/alice-mac7-20261120T064500Z`. */
  readonly branch: DatasetName;
  /** What the home is sent with. */
  readonly flags: SendFlags;
  /** Default: nothing. */
  readonly setbacks?: Setbacks;
}

interface Part {
  readonly steps: readonly Step[];
  readonly again: boolean;
  readonly refusal: Refusal | null;
}

const nothing: Part = { steps: [], again: false, refusal: null };

/**
 * What brings this Mac's line to the server beside the server's own, which is not touched: a clone of the newest
 * version that both have, with what this Mac has made since; all of the line where the server has no such snapshot any
 * more. `branch`: what of it is there. Pure.
 */
export function planBranch(
  pairs: readonly DatasetPair[],
  branch: HomeState | null,
  options: BranchOptions,
): Part {
  const there = new Map((branch?.datasets ?? []).map((dataset) => [dataset.path, dataset]));
  const wanted = pairs.filter((pair) => serverLacks(pair, options) && isSayablePath(pair.path));
  // A dataset cannot be received below one that is not there.
  const all = wanted.length === 0 ? [] : pairs.filter((pair) => pair.path === '' || wanted.includes(pair));
  const parts = all.map((pair) => planOne(pair, there.get(pair.path) ?? null, options));
  const refusal = parts.find((part) => part.refusal !== null)?.refusal ?? null;
  if (refusal !== null) return { ...nothing, refusal };
  return {
    steps: parts.flatMap((part) => part.steps),
    again: parts.some((part) => part.again),
    refusal: null,
  };
}

function rawOf({ flags }: Pick<BranchOptions, 'flags'>): { readonly raw: boolean } {
  return { raw: flags === 'w' };
}

/** True when this Mac has what the server's own line has not. Pure. */
export function serverLacks(pair: DatasetPair, options: Pick<BranchOptions, 'flags'>): boolean {
  switch (relate(pair, rawOf(options)).kind) {
    case 'diverged':
    case 'no-common':
    case 'ahead':
    case 'ahead-blocked':
    case 'behind-blocked':
    case 'missing-server':
      return true;
    case 'behind':
    case 'missing-local':
    case 'equal':
    case 'doubled':
    case 'nothing':
      return false;
  }
}

function planOne(pair: DatasetPair, there: DatasetState | null, options: BranchOptions): Part {
  const { path, local, server } = pair;
  const { flags, setbacks = noSetbacks } = options;
  const head = local === null || isUnfinished(local) ? null : headOf(local);
  if (local === null || head === null) return nothing;
  const target = childOf(options.branch, path);
  if (there !== null && !isUnfinished(there) && setbacks.written.has(target))
    return blocked(target, 'something was written into it');
  const isOlder = ({ createtxg }: Version): boolean => createtxg < head.createtxg;
  const versions = [...local.bookmarks, ...local.snapshots].filter(isOlder);
  const brought = bring({
    direction: 'push',
    source: local,
    target: { name: target, state: there },
    wanted: 'newest',
    bases: { sibling: originsOf(server, versions, flags), versions },
    policy: {
      flags,
      refused: setbacks.refused,
      onForeign: 'refuse',
      inFull: 'all',
      oneByOne: false,
      properties: path === '' ? { [conflictProperty]: options.user } : {},
    },
  });
  switch (brought.kind) {
    case 'there':
    case 'beyond':
    case 'nothing':
      return nothing;
    case 'steps':
      return { ...nothing, steps: brought.steps };
    case 'resume':
      return { ...nothing, steps: brought.steps, again: true };
    case 'discard':
    case 'foreign':
      return blocked(target, 'an interrupted receive that cannot be resumed waits in it');
    case 'other-line': {
      const evidence = 'it holds another line of history';
      return { ...nothing, refusal: { kind: 'branch-taken', dataset: target, evidence } };
    }
  }
}

/**
 * What the branch may begin as a clone of, which needs a real snapshot on the server. What an admin may have to destroy for a raw home, as no raw
 * stream goes over it, is no base as long as there is another: zfs keeps what a clone hangs on.
 */
function originsOf(
  server: DatasetState | null,
  versions: readonly Version[],
  flags: SendFlags,
): readonly Snapshot[] {
  const all = (server?.snapshots ?? []).filter(isSayable);
  const lasting = flags === 'w' ? all.filter(({ written }) => written > 0n) : [];
  return newestCommon(versions, lasting) === null ? all : lasting;
}

/** Whoever looks after the server has to see to it. */
function blocked(dataset: DatasetName, evidence: string): Part {
  return { ...nothing, refusal: { kind: 'server-blocked', dataset, evidence } };
}
