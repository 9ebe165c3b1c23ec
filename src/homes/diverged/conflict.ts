import type { RoamhomeError } from '../../errors/errors.ts';
import { listProperty } from '../../zfs/commands/list.ts';
import type { SendFlags } from '../../zfs/commands/stream.ts';
import { parseDatasetName, type DatasetName } from '../../zfs/names.ts';
import { readLocalProperties, readShowingProperties } from '../../zfs/read-properties.ts';
import type { CallOptions, SyncZfs } from '../../zfs/sync-zfs.ts';
import type { Snapshot } from '../../zfs/version.ts';
import { planBranch, serverLacks } from './branch.ts';
import { conflictDataset, conflictNameFor, nextHomeFor } from './conflict-names.ts';
import { noRoomError, roomFor } from '../../sync/encryption-root.ts';
import { headOf, pairDatasets, type DatasetPair, type HomeState } from '../../sync/home-state.ts';
import { observeHome } from '../../sync/observe.ts';
import { relate } from '../../sync/relation.ts';
import { isSayablePath } from '../../sync/sayable.ts';
import { noSetbacks, type Setbacks } from '../../sync/setbacks.ts';
import { planSetAside } from './set-aside.ts';
import type { Intent, Refusal, Step } from '../../sync/step.ts';

/** What a line is called that cannot go on the server's, and where each side keeps such lines. */
export interface ConflictPlaces {
  readonly user: string;
  readonly macName: string;
  readonly localConflictsRoot: DatasetName;
  readonly serverConflictsRoot: DatasetName;
}

/** `own-partial` is none for people: what this Mac has waits beside the home until the server has given up a transfer of its own. */
export type ConflictKind = 'diverged' | 'no-common' | 'server-blocked' | 'own-partial';

/** What became of this Mac's line. */
export interface Conflict {
  readonly kind: ConflictKind;
  readonly evidence: string;
  /** What has it sent to the home's own line, where that depends on what was found. */
  readonly cure?: string;
  /** Seconds since the epoch, by this Mac's clock then: when the line left the common one. */
  readonly since: number;
  /** Where on the server the line is now; null: it could not be sent yet, `branchProblem` says why. */
  readonly branch: DatasetName | null;
  readonly branchProblem: Error | null;
  /** Where on this Mac the line was put; null: it is still the home. */
  readonly setAside: DatasetName | null;
  /** Why it is still the home at a login, where it should have made room. */
  readonly setAsideProblem: Error | null;
}

/** How to go on with a conflict from here, found by reading alone. */
export interface ConflictPlan {
  readonly kind: ConflictKind;
  readonly evidence: string;
  readonly since: number;
  readonly branch: DatasetName;
  readonly toBranch: ReturnType<typeof planBranch>;
  readonly setAside: DatasetName;
  /**
   * null: the line stays the home, for nobody is about to log in, or the server only has to be waited for. An error: it
   * stays although it is in the way.
   */
  readonly toSetAside: ReturnType<typeof planSetAside> | RoamhomeError | null;
}

export interface ConflictOptions extends ConflictPlaces {
  readonly intent: Intent;
  readonly local: SyncZfs;
  readonly server: SyncZfs;
  readonly localHome: DatasetName;
  readonly flags: SendFlags;
  /** As for any plan. */
  readonly pullOneByOne?: boolean;
  readonly setbacks?: Setbacks;
  readonly signal: AbortSignal;
}

/** True for a refusal that has a way out which loses nothing. */
export function isConflict(refusal: Refusal): refusal is Refusal & { readonly kind: ConflictKind } {
  return refusal.kind === 'diverged' || refusal.kind === 'no-common' || isWaited(refusal.kind);
}

/** The line stays the home, for nothing but the server has to be waited for. */
function isWaited(kind: Refusal['kind']): kind is 'server-blocked' | 'own-partial' {
  return kind === 'server-blocked' || kind === 'own-partial';
}

/** Reads what is prepared already on both sides, and plans the rest. */
export async function planConflict(
  refusal: Refusal & { readonly kind: ConflictKind },
  local: HomeState,
  server: HomeState | null,
  options: ConflictOptions,
): Promise<ConflictPlan> {
  const pairs = pairDatasets(local, server);
  const first = firstOfLine(pairs, options.flags === 'w');
  const name = conflictNameFor(options.user, options.macName, first);
  const call: CallOptions = { signal: options.signal };
  const { branch, toBranch } = await lookAtBranch(pairs, name, first, options);
  const taken = conflictDataset(options.localConflictsRoot, name);
  const setAside = (await options.local.exists(taken, call))
    ? parseDatasetName(`${taken}-${first.guid}`)
    : taken;
  return {
    kind: refusal.kind,
    evidence: refusal.evidence,
    since: first.creation,
    branch,
    toBranch,
    setAside,
    toSetAside:
      options.intent === 'login' && !isWaited(refusal.kind)
        ? await lookAtNext(pairs, local, setAside, options)
        : null,
  };
}

/** What `lateBranch` has to know. */
export type BranchPlaces = Pick<
  ConflictOptions,
  'local' | 'server' | 'signal' | 'user' | 'serverConflictsRoot' | 'flags' | 'setbacks'
>;

/**
 * The branch of a line that was set aside under that name before the server could take it; null: the server lacks nothing of it.
 */
export async function lateBranch(
  pairs: readonly DatasetPair[],
  name: string,
  options: BranchPlaces,
): Promise<ReturnType<typeof planBranch> | null> {
  if (!pairs.some((pair) => isSayablePath(pair.path) && serverLacks(pair, options))) return null;
  // What stands behind the time tells lines apart on this Mac; the server's may differ in that.
  const plain = name.replace(/(?<=Z)-\d+$/, '');
  const first = firstOfLine(pairs, options.flags === 'w');
  return (await lookAtBranch(pairs, plain, first, options)).toBranch;
}

/** Under its name, or under one with its guid where another line has that: a clock was set back. */
async function lookAtBranch(
  pairs: readonly DatasetPair[],
  name: string,
  first: Snapshot,
  { local, server, signal, user, serverConflictsRoot, flags, setbacks = noSetbacks }: BranchPlaces,
): Promise<Pick<ConflictPlan, 'branch' | 'toBranch'>> {
  const look = async (candidate: string): Promise<Pick<ConflictPlan, 'branch' | 'toBranch'>> => {
    const branch = conflictDataset(serverConflictsRoot, candidate);
    const there = await observeHome(server, branch, { tokenReader: local, changes: 'ignore', signal });
    return { branch, toBranch: planBranch(pairs, there, { user, branch, flags, setbacks }) };
  };
  const newest = newestOfLine(pairs);
  let found = await look(name);
  // Also where what waits in it cannot be gone on with, or nothing can be put on it: the line is to be safe now.
  for (const guid of new Set([first.guid, ...(newest === null ? [] : [newest.guid])])) {
    if (found.toBranch.refusal === null) break;
    found = await look(`${name}-${guid}`);
  }
  return found;
}

async function lookAtNext(
  pairs: readonly DatasetPair[],
  local: HomeState,
  conflict: DatasetName,
  options: ConflictOptions,
): Promise<ReturnType<typeof planSetAside> | RoamhomeError> {
  const { user, localHome, localConflictsRoot: conflictsRoot } = options;
  const nextHome = nextHomeFor(conflictsRoot, user);
  const call: CallOptions = { signal: options.signal };
  const encryptionRoot = await options.local.run(listProperty(localHome, 'encryptionroot'), call);
  const room = roomFor(encryptionRoot, localHome, conflictsRoot, options.flags);
  if (room === 'none') return noRoomError(encryptionRoot, conflictsRoot);
  const next = await observeHome(options.local, nextHome, {
    tokenReader: options.local,
    changes: 'ignore',
    ...call,
  });
  const properties = await readLocalProperties(options.local, localHome, call);
  const showing = await readShowingProperties(options.local, localHome, call);
  return planSetAside(pairs, local, next, {
    user,
    localHome,
    conflictsRoot,
    conflict,
    nextHome,
    properties,
    showing,
    pullOneByOne: options.pullOneByOne ?? false,
    flags: options.flags,
    setbacks: options.setbacks ?? noSetbacks,
    apart: room === 'apart',
  });
}

/** The newest snapshot of this Mac's home: no other line ends with it. */
function newestOfLine([pair]: readonly DatasetPair[]): Snapshot | null {
  const local = pair?.local ?? null;
  return local === null ? null : headOf(local);
}

/** The first snapshot of this Mac's own line: it names the conflict, however far the line has grown since. */
function firstOfLine(pairs: readonly DatasetPair[], raw: boolean): Snapshot {
  // One that no command on the server can name is in no branch.
  for (const pair of pairs.filter(({ path }) => isSayablePath(path))) {
    const first = firstOf(pair, raw);
    if (first !== null) return first;
  }
  throw new Error('a conflict without a snapshot of this Mac’s own');
}

function firstOf(pair: DatasetPair, raw: boolean): Snapshot | null {
  const { local } = pair;
  const relation = relate(pair, { raw });
  switch (relation.kind) {
    case 'diverged':
      return relation.local[0] ?? null;
    case 'no-common':
      return local?.snapshots[0] ?? null;
    case 'missing-server':
      return relation.first;
    case 'behind-blocked':
      return relation.by[0] ?? null;
    case 'ahead-blocked':
      return local?.snapshots.find(({ createtxg }) => createtxg > relation.common.createtxg) ?? null;
    case 'ahead':
      return (
        local?.snapshots.find(({ createtxg }) => createtxg > relation.from.createtxg) ??
        (local === null ? null : headOf(local))
      );
    case 'equal':
    case 'behind':
    case 'missing-local':
    case 'doubled':
    case 'nothing':
      return null;
  }
}

/** The steps of one part, for a dry run to show. */
export function stepsOf(plan: ConflictPlan): readonly Step[] {
  const { toBranch, toSetAside } = plan;
  return [...toBranch.steps, ...(toSetAside !== null && 'steps' in toSetAside ? toSetAside.steps : [])];
}
