import type { SendRange } from '../zfs/commands/stream.ts';
import { shortNameOf, snapshotOf, type DatasetName, type SnapshotName } from '../zfs/names.ts';
import type { Dataset, Snapshot, Version } from '../zfs/version.ts';
import { isSayable } from './sayable.ts';

/** One stream: what is sent, and where it is received; a snapshot as target gives it another name there. */
export interface Carry {
  readonly range: SendRange;
  readonly target: DatasetName | SnapshotName;
  /** Of snapshots that the stream has besides its last, with -I: how many, and what they say was written. */
  readonly between?: { readonly snapshots: number; readonly bytes: bigint };
}

/**
 * The streams that bring `receiver` from `from` to `to`, in order and as few as can be.
 *
 * Every snapshot on the way that `sender` lists is carried, whoever made it, but for one whose name the receiver already
 * uses for something else (two machines' snapshot tools name by the clock), and one whose name has blanks, which no command
 * on a server can say: that one is left, its changes travel in the next. If `to` itself is such a one, it is received under
 * a plain name with its guid. `oneByOne`: no stream carries more than one snapshot.
 */
export function carry(
  sender: Dataset,
  from: Version,
  to: Snapshot,
  receiver: { readonly name: DatasetName; readonly snapshots: readonly Snapshot[] },
  { oneByOne = false }: { readonly oneByOne?: boolean } = {},
): readonly Carry[] {
  const taken = new Set(receiver.snapshots.map(({ name }) => shortNameOf(name)));
  const onTheWay = sender.snapshots.filter(
    ({ createtxg }) => createtxg > from.createtxg && createtxg <= to.createtxg,
  );
  const carries: Carry[] = [];
  let base = from;
  /** True while -I may go on from the last stream: it would take along whatever lies between. */
  let extendable = false;
  for (const snapshot of onTheWay) {
    const isTaken = taken.has(shortNameOf(snapshot.name)) || !isSayable(snapshot);
    if (isTaken && snapshot.guid !== to.guid) {
      extendable = false;
      continue;
    }
    const last = carries.at(-1);
    if (extendable && !isTaken && last !== undefined && isOfOneDataset(base, snapshot)) {
      const range: SendRange = { from: last.range.from, to: snapshot, intermediates: true };
      const between = {
        snapshots: (last.between?.snapshots ?? 0) + 1,
        bytes: (last.between?.bytes ?? 0n) + last.range.to.written,
      };
      carries.splice(-1, 1, { range, target: last.target, between });
    } else {
      carries.push({
        range: { from: base, to: snapshot, intermediates: false },
        target: isTaken ? renamed(receiver.name, snapshot) : receiver.name,
      });
      extendable =
        !oneByOne &&
        base.kind === 'snapshot' &&
        isOfOneDataset(base, snapshot) &&
        isAdjacent(onTheWay, base, snapshot);
    }
    base = snapshot;
  }
  return carries;
}

/** A clone's line begins in the dataset of its origin: zfs sends several snapshots of one dataset only. */
function isOfOneDataset(a: Version, b: Version): boolean {
  const datasetOf = ({ name }: Version): string => name.replace(/[@#].*$/, '');
  return datasetOf(a) === datasetOf(b);
}

/** True when nothing lies between the two on the sender, so that -I between them is -i. */
function isAdjacent(onTheWay: readonly Snapshot[], base: Version, snapshot: Snapshot): boolean {
  const index = onTheWay.indexOf(snapshot);
  return index === 0 || onTheWay[index - 1]?.guid === base.guid;
}

/** What a snapshot is received as: under its own name, unless that is taken there or cannot be said. */
export function landing(
  receiver: { readonly name: DatasetName; readonly snapshots: readonly Snapshot[] },
  snapshot: Snapshot,
): DatasetName | SnapshotName {
  const short = shortNameOf(snapshot.name);
  const isTaken = receiver.snapshots.some(({ name }) => shortNameOf(name) === short);
  return isTaken || !isSayable(snapshot) ? renamed(receiver.name, snapshot) : receiver.name;
}

function renamed(dataset: DatasetName, snapshot: Snapshot): SnapshotName {
  const plain = `${shortNameOf(snapshot.name).replaceAll(/[^A-Za-z0-9_.:-]/g, '-')}-${snapshot.guid}`;
  return snapshotOf(dataset, `${dataset}@${plain}`.length > 255 ? `roamhome-as-${snapshot.guid}` : plain);
}

/**
 * The one stream that brings `receiver` to `to` where the server cannot name `from`, which both have: with all between an
 * older snapshot and `to`, of which zfs passes over those that the receiver has under the same names. null: there is none
 * such, or a name on the way is taken there.
 */
export function carryOver(
  sender: Dataset,
  from: Version,
  to: Snapshot,
  receiver: { readonly name: DatasetName; readonly snapshots: readonly Snapshot[] },
): Carry | null {
  const names = new Map(receiver.snapshots.map(({ guid, name }) => [guid, shortNameOf(name)]));
  const taken = new Set(names.values());
  const onTheWay = sender.snapshots.filter(
    ({ createtxg }) => createtxg > from.createtxg && createtxg <= to.createtxg,
  );
  if (onTheWay.some(({ name }) => taken.has(shortNameOf(name)))) return null;
  const isThere = ({ guid, name }: Snapshot): boolean => names.get(guid) === shortNameOf(name);
  const older = sender.snapshots.filter(({ createtxg }) => createtxg <= from.createtxg);
  const base = older.findLast(
    (one, at) => isSayable(one) && isThere(one) && older.slice(at + 1).every(isThere),
  );
  if (base === undefined || from.kind !== 'snapshot') return null;
  const between = {
    snapshots: onTheWay.length - 1,
    bytes: onTheWay.slice(0, -1).reduce((sum, { written }) => sum + written, 0n),
  };
  return { range: { from: base, to, intermediates: true }, target: receiver.name, between };
}
