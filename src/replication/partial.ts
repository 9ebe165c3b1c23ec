import type { TokenContents } from '../zfs/commands/token.ts';
import type { ResumeToken } from '../zfs/names.ts';
import type { Dataset } from '../zfs/version.ts';
import type { DatasetPair, DatasetState } from './home-state.ts';
import type { Relation } from './relation.ts';

/**
 * True when the interrupted receive still leads where the plan goes: its target is a snapshot that the sender has,
 * on the way, and it starts where the receiver's line ends.
 */
function leadsOn(partial: TokenContents, relation: Relation, sender: Dataset): boolean {
  const target = sender.snapshots.find(({ guid }) => guid === partial.toGuid);
  if (target === undefined) return false;
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
    case 'equal':
    case 'diverged':
    case 'no-common':
    case 'nothing':
      return false;
  }
}

/** An interrupted receive that can be taken up where it was cut. */
export interface Resumable {
  readonly token: ResumeToken;
  /** Bytes of the stream that have arrived already. */
  readonly done: bigint;
}

function resumable(
  receiver: DatasetState | null,
  sender: Dataset | null,
  relation: Relation,
): Resumable | null {
  if (receiver === null || sender === null) return null;
  const { partial, resumeToken: token } = receiver;
  if (token === null || partial === null || partial === 'unknown') return null;
  return leadsOn(partial, relation, sender) ? { token, done: partial.bytes } : null;
}

/** What the server has of a stream that this Mac can go on with; null: nothing of use. */
export function resumablePush({ local, server }: DatasetPair, relation: Relation): Resumable | null {
  return resumable(server, local, relation);
}

/** What this Mac has of a stream that the server can go on with; null: nothing of use. */
export function resumablePull({ local, server }: DatasetPair, relation: Relation): Resumable | null {
  return resumable(local, server, relation);
}
