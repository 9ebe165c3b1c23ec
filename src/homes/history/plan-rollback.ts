import { RoamhomeError } from '../../errors/errors.ts';
import { roomFor } from '../../sync/encryption-root.ts';
import { successorProperties } from '../diverged/set-aside.ts';
import type { ZfsCommand } from '../../zfs/command.ts';
import { clone, promote, rename } from '../../zfs/commands/arrange.ts';
import { inheritProperty, mount, setProperties, snapshot, unmount } from '../../zfs/commands/change.ts';
import {
  childOf,
  parseDatasetName,
  shortNameOf,
  snapshotOf,
  type DatasetName,
  type SnapshotName,
} from '../../zfs/names.ts';
import { hasPlace } from '../../zfs/has-place.ts';
import type { Dataset, Snapshot } from '../../zfs/version.ts';

/** On what takes a dataset's place, until all is done: when that began, its canmount, and whether it was mounted. */
export const rollbackProperty = 'roamhome:rollback';

/** A dataset that is to be rolled back, with all below it, and what an earlier run has left. Parents first; empty: not there. */
export interface RollbackView {
  readonly present: readonly Dataset[];
  /** What is to take its place. */
  readonly next: readonly Dataset[];
  /** What it is kept as. */
  readonly aside: readonly Dataset[];
}

export interface RollbackRequest {
  readonly dataset: DatasetName;
  readonly to: SnapshotName;
  /** In UTC, such as 20261126T140312Z: of a run that begins now. */
  readonly stamp: string;
  /** What was set on the dataset itself. */
  readonly own: Readonly<Record<string, string>>;
}

/** What a rollback takes out of the dataset; all of it is kept under another name. */
export interface Loss {
  readonly snapshots: readonly Snapshot[];
  /** Written since the snapshot that is gone back to. */
  readonly bytes: number;
  /** Datasets below it, which stay as they are. */
  readonly below: readonly DatasetName[];
}

export interface RollbackPlan {
  /** In order; none: the dataset is as it was then. To be run again from any of them. */
  readonly commands: readonly ZfsCommand<void>[];
  readonly keptAs: DatasetName;
  /** null: an earlier run has begun, and told it. */
  readonly loss: Loss | null;
}

interface Mark {
  readonly stamp: string;
  readonly canmount: string;
  readonly mounted: boolean;
}

interface Begun {
  readonly dataset: DatasetName;
  readonly mark: Mark;
  readonly keptAs: DatasetName;
}

/** Where the successor of a dataset is prepared. */
export function nextOf(dataset: DatasetName): DatasetName {
  return parseDatasetName(`${dataset}-rollback-next`);
}

/** What a dataset is kept as that was rolled back. */
export function asideOf(dataset: DatasetName, stamp: string): DatasetName {
  return parseDatasetName(`${dataset}-before-rollback-${stamp}`);
}

/** When the rollback began that an earlier run has left; null: none was. Pure. */
export function begunAt(view: Pick<RollbackView, 'present' | 'next'>): string | null {
  return markOf(view.next[0])?.stamp ?? markOf(view.present[0])?.stamp ?? null;
}

function markOf(dataset: Dataset | undefined): Mark | null {
  const value = dataset?.properties[rollbackProperty] ?? '-';
  const found = /^(\d{8}T\d{6}Z),(on|off|noauto),(yes|no)$/.exec(value);
  if (found === null) return null;
  const [, stamp = '', canmount = '', mounted = ''] = found;
  return { stamp, canmount, mounted: mounted === 'yes' };
}

/**
 * How a dataset goes back to one of its snapshots without losing anything: a clone of the snapshot is prepared, the
 * dataset is renamed aside with all of its newer snapshots and what it holds now, the clone takes its name, and the older
 * snapshots. What lies below it stays with the name. All is metadata. Throws `dataset-missing`, `dataset-exists`,
 * `encryption-root`, `usage`. Pure.
 */
export function planRollback(view: RollbackView, request: RollbackRequest): RollbackPlan {
  const { dataset } = request;
  const [present, next] = [view.present[0], view.next[0]];
  const mark = markOf(next) ?? markOf(present);
  const stamp = mark?.stamp ?? request.stamp;
  const keptAs = asideOf(dataset, stamp);
  if (next !== undefined && markOf(next) === null) throw taken(next.name);
  if (present === undefined) {
    if (next === undefined || mark === null) throw missing(dataset);
    return { commands: finish(view, { dataset, mark, keptAs, renamed: false }), keptAs, loss: null };
  }
  if (markOf(present) !== null && mark !== null)
    return { commands: finish(view, { dataset, mark, keptAs, renamed: true }), keptAs, loss: null };
  const to = present.snapshots.find(({ name }) => name === request.to);
  if (to === undefined) throw noSnapshot(request.to);
  const newer = present.snapshots.filter(({ createtxg }) => createtxg > to.createtxg);
  if (newer.length === 0 && present.written === 0n && next === undefined)
    return { commands: [], keptAs, loss: { snapshots: [], bytes: 0, below: [] } };
  if (next !== undefined && next.properties['origin'] !== to.name) throw another(next, to);
  checkRoom(present);
  const begun = mark ?? {
    stamp,
    canmount: present.properties['canmount'] ?? 'on',
    mounted: present.mounted,
  };
  const commands = [
    ...(present.mounted ? [unmount(dataset, { force: false })] : []),
    // Of now: an earlier run's may be older than what was written since.
    snapshot([dataset], `before-rollback-${request.stamp}`),
    ...(next === undefined ? [prepare(request, begun)] : []),
    // Two datasets of one mountpoint would both be mounted at the next boot.
    ...(present.properties['canmount'] === 'on' ? [setProperties(dataset, { canmount: 'noauto' })] : []),
    rename(dataset, keptAs),
    ...finish(
      { ...view, aside: moved(view.present, dataset, keptAs) },
      { dataset, mark: begun, keptAs, renamed: false },
    ),
  ];
  const bytes = newer.reduce((sum, { written }) => sum + Number(written), Number(present.written));
  const below = view.present.slice(1).map(({ name }) => name);
  return { commands, keptAs, loss: { snapshots: newer, bytes, below } };
}

function prepare({ dataset, to, own }: RollbackRequest, mark: Mark): ZfsCommand<void> {
  return clone(to, nextOf(dataset), {
    ...successorProperties(own, { apart: false }),
    canmount: 'noauto',
    [rollbackProperty]: `${mark.stamp},${mark.canmount},${mark.mounted ? 'yes' : 'no'}`,
  });
}

/** What is left to do once the dataset has its name aside. `renamed`: its successor has the dataset's name already. */
function finish(
  view: RollbackView,
  { dataset, mark, keptAs, renamed }: Begun & { readonly renamed: boolean },
): readonly ZfsCommand<void>[] {
  const [present] = view.present;
  const isClone = !renamed || (present?.properties['origin'] ?? '-').startsWith(`${keptAs}@`);
  const wasMounted = renamed && present?.mounted === true;
  const below = [...view.aside.slice(1), ...(renamed ? view.present.slice(1) : [])];
  return [
    ...(renamed ? [] : [rename(nextOf(dataset), dataset)]),
    ...childrenOf(view.aside, keptAs).map(({ name }) =>
      rename(name, childOf(dataset, pathBelow(name, keptAs))),
    ),
    ...(isClone ? [promote(dataset)] : []),
    ...(mark.mounted && !wasMounted ? [mount(dataset)] : []),
    ...below
      .filter((one) => mark.mounted && !one.mounted && one.properties['canmount'] === 'on' && hasPlace(one))
      .map(({ name }) =>
        mount(childOf(dataset, pathBelow(name, name.startsWith(`${keptAs}/`) ? keptAs : dataset))),
      ),
    setProperties(dataset, { canmount: mark.canmount }),
    // Last: without it, there is nothing to go on with.
    inheritProperty(dataset, rollbackProperty),
  ];
}

const pathBelow = (name: DatasetName, root: DatasetName): string => name.slice(root.length + 1);

function moved(tree: readonly Dataset[], from: DatasetName, to: DatasetName): readonly Dataset[] {
  // They are unmounted with what is above them.
  return tree.map((one) => ({ ...one, mounted: false, name: childOf(to, one.name.slice(from.length + 1)) }));
}

function childrenOf(tree: readonly Dataset[], parent: DatasetName): readonly Dataset[] {
  return tree.filter(
    ({ name }) => name.startsWith(`${parent}/`) && !name.slice(parent.length + 1).includes('/'),
  );
}

function checkRoom({ name, properties }: Dataset): void {
  const parent = name.slice(0, Math.max(0, name.lastIndexOf('/')));
  if (parent === '')
    throw new RoamhomeError({
      code: 'usage',
      message: `${name} is the root of a pool, which cannot be renamed`,
      remedy: 'Roll back a dataset below it; or copy what you need out of .zfs/snapshot.',
    });
  const root = properties['encryptionroot'] ?? '-';
  if (roomFor(root, name, parseDatasetName(parent), '') === 'clone') return;
  throw new RoamhomeError({
    code: 'encryption-root',
    message: `${name} has a key of its own: a clone of it could not take its place`,
    remedy: `Nothing was changed. Copy what you need out of a clone: \`zfs clone ${name}@SNAPSHOT ${parent}/NAME\`.`,
  });
}

function missing(dataset: DatasetName): RoamhomeError {
  return new RoamhomeError({
    code: 'dataset-missing',
    message: `there is no file system ${dataset}`,
    remedy: '`zfs list` names those that there are.',
  });
}

function noSnapshot(name: SnapshotName): RoamhomeError {
  return new RoamhomeError({
    code: 'dataset-missing',
    message: `there is no snapshot ${name}`,
    remedy: `\`zfs list -t snapshot ${name.slice(0, name.indexOf('@'))}\` names those that there are.`,
  });
}

function taken(name: DatasetName): RoamhomeError {
  return new RoamhomeError({
    code: 'dataset-exists',
    message: `${name} is there, and Roamhome did not make it`,
    remedy: 'Rename it, and run this again; nothing was touched.',
  });
}

function another(next: Dataset, to: Snapshot): RoamhomeError {
  const begun = next.properties['origin'] ?? '-';
  return new RoamhomeError({
    code: 'dataset-exists',
    message: `a rollback to ${begun} was begun, and not one to ${to.name}`,
    remedy: `Finish it (name @${shortNameOf(snapshotOf(next.name, begun.slice(begun.indexOf('@') + 1)))}), or give it up: \`zfs destroy ${next.name}\`, a clone that nobody has written to.`,
  });
}
