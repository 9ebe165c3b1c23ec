import { childOf, type DatasetName } from '../../zfs/names.ts';
import type { SendFlags } from '../../zfs/commands/stream.ts';
import type { Snapshot, Version } from '../../zfs/version.ts';
import { carry, landing } from '../../sync/carry.ts';
import {
  headOf,
  isUnfinished,
  type DatasetPair,
  type DatasetState,
  type HomeState,
} from '../../sync/home-state.ts';
import { judgePartial } from '../../sync/partial.ts';
import { conflictProperty } from '../../sync/properties.ts';
import { relate } from '../../sync/relation.ts';
import { resumeStep } from '../../sync/resume-step.ts';
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
  const { local } = pair;
  const head = local === null || isUnfinished(local) ? null : headOf(local);
  if (local === null || head === null) return nothing;
  const target = childOf(options.branch, pair.path);
  if (there === null || isUnfinished(there)) return start(pair, local, head, there, target, options);

  if (options.setbacks?.written.has(target) === true) {
    const evidence = 'something was written into it';
    return { ...nothing, refusal: { kind: 'server-blocked', dataset: target, evidence } };
  }
  const relation = relate({ path: pair.path, local, server: there }, rawOf(options));
  switch (relation.kind) {
    case 'equal':
    case 'behind':
      return nothing;
    case 'ahead': {
      const resumed = resume(there, local, [relation.onto], target, options);
      if (resumed !== null) return resumed;
      const steps = carry(local, relation.from, relation.to, { name: target, snapshots: there.snapshots });
      return { ...nothing, steps: steps.map((one) => ({ kind: 'send', direction: 'push', ...one })) };
    }
    case 'ahead-blocked':
    case 'behind-blocked':
    case 'missing-server':
    case 'missing-local':
    case 'diverged':
    case 'no-common':
    case 'doubled':
    case 'nothing':
      return {
        ...nothing,
        refusal: { kind: 'branch-taken', dataset: target, evidence: 'it holds another line of history' },
      };
  }
}

/** The branch's first stream, and what comes after it. */
function start(
  { path, server }: DatasetPair,
  local: DatasetState,
  head: Snapshot,
  there: DatasetState | null,
  target: DatasetName,
  options: BranchOptions,
): Part {
  const base = server === null ? null : newestBase(local, server, head, options);
  const resumed =
    there === null ? null : resume(there, local, base === null ? [] : [base.from], target, options);
  if (resumed !== null) return resumed;
  const first = local.snapshots.find(({ createtxg }) => base === null || createtxg > base.from.createtxg);
  if (first === undefined) return nothing;
  const mark = path === '' ? { [conflictProperty]: options.user } : {};
  const step: Step = {
    kind: 'send',
    direction: 'push',
    range: { from: base?.from ?? null, to: first, intermediates: false },
    target: landing({ name: target, snapshots: [] }, first),
    properties: base === null ? mark : { origin: base.origin.name, ...mark },
  };
  const rest = carry(local, first, head, { name: target, snapshots: [first] });
  return {
    ...nothing,
    steps: [step, ...rest.map((one): Step => ({ kind: 'send', direction: 'push', ...one }))],
  };
}

/**
 * The newest version that both have before this Mac's head, as a real snapshot on the server: a clone needs one. What an admin may have to
 * destroy for a raw home, as no raw stream goes over it, is no base as long as there is another: zfs keeps what a clone hangs on.
 */
function newestBase(
  local: DatasetState,
  server: DatasetState,
  head: Snapshot,
  { flags }: Pick<BranchOptions, 'flags'>,
): { readonly from: Version; readonly origin: Snapshot } | null {
  const mine = new Map(
    [...local.bookmarks, ...local.snapshots]
      .filter(({ createtxg }) => createtxg < head.createtxg)
      .map((version) => [version.guid, version]),
  );
  const origins = server.snapshots.filter((one) => mine.has(one.guid) && isSayable(one));
  const lasting = flags === 'w' ? origins.findLast(({ written }) => written > 0n) : undefined;
  const origin = lasting ?? origins.at(-1);
  const from = origin === undefined ? undefined : mine.get(origin.guid);
  return origin === undefined || from === undefined ? null : { from, origin };
}

/** The rest of what was cut, or a refusal when what waits there is nothing of ours. */
function resume(
  there: DatasetState,
  local: DatasetState,
  bases: readonly Version[],
  target: DatasetName,
  { flags, setbacks = noSetbacks }: BranchOptions,
): Part | null {
  const from = bases.length === 0 ? [null] : bases.map(({ guid }) => guid);
  const verdict = judgePartial(
    there,
    { targets: local.snapshots, bases: from },
    { flags, refused: setbacks.refused },
  );
  switch (verdict.kind) {
    case 'none':
      return null;
    case 'resume': {
      const landed = landing({ name: target, snapshots: there.snapshots }, verdict.to);
      return { ...nothing, steps: [resumeStep('push', landed, verdict)], again: true };
    }
    case 'useless': {
      const evidence = 'an interrupted receive that cannot be resumed waits in it';
      return { ...nothing, refusal: { kind: 'server-blocked', dataset: target, evidence } };
    }
  }
}
