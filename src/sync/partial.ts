import type { SendFlags } from '../zfs/commands/stream.ts';
import type { TokenContents } from '../zfs/commands/token.ts';
import { shortNameOf, type Guid, type ResumeToken } from '../zfs/names.ts';
import type { Dataset, Snapshot } from '../zfs/version.ts';
import type { DatasetPair, DatasetState } from './home-state.ts';
import type { Relation } from './relation.ts';
import { parseSnapshotName } from './snapshot-name.ts';

/** What is known of resuming besides the two sides. */
export interface ResumeRules {
  /** What the home is sent with: a stream of another kind must not be mixed with these. null: whatever it is. */
  readonly flags: SendFlags | null;
  /** Tokens that zfs would not go on with in this run. */
  readonly refused: ReadonlySet<ResumeToken>;
}

/** Where an interrupted receive has to lead to be resumed. */
export interface Way {
  /** The snapshots of the sender that it may end with. */
  readonly targets: readonly Snapshot[];
  /** The guids that it may begin from; null among them: it may be a full stream. Default: wherever from. */
  readonly bases?: readonly (Guid | null)[];
}

/** What becomes of what waits in a dataset. */
export type PartialVerdict =
  | { readonly kind: 'none' }
  | ({ readonly kind: 'resume' } & Resumable)
  | { readonly kind: 'useless'; readonly why: string };

/** An interrupted receive that can be taken up where it was cut. */
export interface Resumable {
  readonly token: ResumeToken;
  /** Bytes of the stream that have arrived already. */
  readonly done: bigint;
  /** The snapshot that it ends with, on the sender. */
  readonly to: Snapshot;
}

/** The one place that decides whether an interrupted receive is resumed. Pure. */
export function judgePartial(
  { partial, resumeToken: token }: Pick<DatasetState, 'partial' | 'resumeToken'>,
  { targets, bases }: Way,
  { flags, refused }: ResumeRules,
): PartialVerdict {
  if (partial === null || token === null) return { kind: 'none' };
  const useless = (why: string): PartialVerdict => ({ kind: 'useless', why });
  if (partial === 'unknown') return useless('its token cannot be read');
  if (refused.has(token)) return useless('zfs refuses to resume it');
  if (flags !== null && partial.flags !== flags)
    return useless('it is of another kind of stream than the home is sent with');
  const to = targets.find(({ guid }) => guid === partial.toGuid);
  if (to === undefined || bases?.includes(partial.fromGuid) === false)
    return useless('its target is no longer wanted');
  return { kind: 'resume', token, done: partial.bytes, to };
}

/** The way from what the receiver has to what the sender has. Pure. */
export function wayOf(relation: Relation, sender: Dataset | null): Way {
  const snapshots = sender?.snapshots ?? [];
  switch (relation.kind) {
    case 'missing-local':
    case 'missing-server':
      return { targets: snapshots, bases: [null] };
    case 'ahead':
    case 'behind': {
      const { from, onto, to } = relation;
      const targets = snapshots.filter(
        ({ createtxg }) => createtxg > from.createtxg && createtxg <= to.createtxg,
      );
      return { targets, bases: [onto.guid] };
    }
    case 'ahead-blocked':
    case 'behind-blocked':
    case 'equal':
    case 'diverged':
    case 'no-common':
    case 'doubled':
    case 'nothing':
      return { targets: [] };
  }
}

const none: PartialVerdict = { kind: 'none' };

/** What the server has of a stream that this Mac can go on with. */
export function judgePush(
  { local, server }: DatasetPair,
  relation: Relation,
  rules: ResumeRules,
): PartialVerdict {
  return server === null ? none : judgePartial(server, wayOf(relation, local), rules);
}

/** By what a Mac knows its own interrupted pushes again. */
export interface PartialOwner {
  readonly macName: string;
  /** The server's record names no other Mac as the one where the user's session is. */
  readonly isAlone: boolean;
}

/**
 * True when what waits on the server is, as far as anybody can tell, what this Mac itself was sending: it begins where this Mac's
 * line has a version, or is all of it; and its target has this Mac's name or, where another tool gave the name, no other Mac has the session.
 * Only what is told of it, and when it is tried again, hangs on this: it is no conflict. Pure.
 */
export function isOwnPartial({ local, server }: DatasetPair, { macName, isAlone }: PartialOwner): boolean {
  const partial = server?.partial ?? null;
  if (local === null || partial === null || partial === 'unknown') return false;
  const line: readonly (Guid | null)[] = [...local.bookmarks, ...local.snapshots].map(({ guid }) => guid);
  if (!(partial.fromGuid === null ? server?.snapshots.length === 0 : line.includes(partial.fromGuid)))
    return false;
  const origin = parseSnapshotName(targetNameOf(partial));
  return origin === null ? isAlone : origin.macName === macName;
}

/** The name of the snapshot that it was to end with, behind the `@`. */
export function targetNameOf({ toName }: Pick<TokenContents, 'toName'>): string {
  return shortNameOf(toName);
}
