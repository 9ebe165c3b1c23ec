import type { SendFlags } from '../zfs/commands/stream.ts';
import type { TokenContents } from '../zfs/commands/token.ts';
import type { ResumeToken } from '../zfs/names.ts';
import type { Dataset, Snapshot } from '../zfs/version.ts';
import type { DatasetPair, DatasetState } from './home-state.ts';
import type { Relation } from './relation.ts';

/** What is known of resuming besides the two sides. */
export interface ResumeRules {
  /** What the home is sent with: a stream of another kind must not be mixed with these. */
  readonly flags: SendFlags;
  /** Tokens that zfs would not go on with in this run. */
  readonly refused: ReadonlySet<ResumeToken>;
}

/**
 * True when the interrupted receive still leads where the plan goes: its target is a snapshot that the sender has,
 * on the way, and it starts where the receiver's line ends.
 */
function leadsOn(partial: TokenContents, target: Snapshot, relation: Relation): boolean {
  switch (relation.kind) {
    case 'missing-local':
    case 'missing-server':
      return partial.fromGuid === null;
    case 'ahead':
    case 'behind':
      return (
        partial.fromGuid === relation.onto.guid &&
        target.createtxg > relation.from.createtxg &&
        target.createtxg <= relation.to.createtxg
      );
    case 'ahead-blocked':
    case 'behind-blocked':
    case 'equal':
    case 'diverged':
    case 'no-common':
    case 'doubled':
    case 'nothing':
      return false;
  }
}

/** An interrupted receive that can be taken up where it was cut. */
export interface Resumable {
  readonly token: ResumeToken;
  /** Bytes of the stream that have arrived already. */
  readonly done: bigint;
  /** The snapshot that it ends with, on the sender. */
  readonly to: Snapshot;
}

/** Why what is known of an interrupted receive speaks against resuming it, wherever it leads; null: nothing does. */
export function whyUnusable(
  { partial, resumeToken }: Pick<DatasetState, 'partial' | 'resumeToken'>,
  { flags, refused }: ResumeRules,
): string | null {
  if (partial === null || resumeToken === null) return null;
  if (partial === 'unknown') return 'its token cannot be read';
  if (refused.has(resumeToken)) return 'zfs refuses to resume it';
  if (partial.flags !== flags) return 'it is of another kind of stream than the home is sent with';
  return null;
}

/** What the receiver has of a stream that can be gone on with; a word why not; null: no interrupted receive waits. */
function resumable(
  receiver: DatasetState | null,
  sender: Dataset | null,
  relation: Relation,
  rules: ResumeRules,
): Resumable | string | null {
  if (receiver === null) return null;
  const { partial, resumeToken: token } = receiver;
  if (partial === null || token === null) return null;
  const why = whyUnusable(receiver, rules);
  if (why !== null) return why;
  const to =
    partial === 'unknown' ? undefined : sender?.snapshots.find(({ guid }) => guid === partial.toGuid);
  return sender !== null && partial !== 'unknown' && to !== undefined && leadsOn(partial, to, relation)
    ? { token, done: partial.bytes, to }
    : 'its target is no longer wanted';
}

/** What the server has of a stream that this Mac can go on with. */
export function resumablePush(
  { local, server }: DatasetPair,
  relation: Relation,
  rules: ResumeRules,
): Resumable | string | null {
  return resumable(server, local, relation, rules);
}

/** What this Mac has of a stream that the server can go on with. */
export function resumablePull(
  { local, server }: DatasetPair,
  relation: Relation,
  rules: ResumeRules,
): Resumable | string | null {
  return resumable(local, server, relation, rules);
}
