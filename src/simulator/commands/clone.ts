import { demand, isAllowed } from '../delegation.ts';
import { usageError, ZfsFailure } from '../failure.ts';
import { isOverLimit } from '../limits.ts';
import { addDataset, nextTxg, openDataset, openSnapshot, type Call } from '../machine.ts';
import { mountAutomatically } from '../mounting.ts';
import { parentOf, poolOf, type Dataset } from '../model.ts';
import { checkName, checkParent } from '../names.ts';
import { parseWords } from '../options.ts';
import { isFull } from '../space.ts';
import { checkProperty, parseAssignments } from '../properties.ts';

/** zfs clone [-pu] [-o property=value]... SNAPSHOT FILESYSTEM */
export function clone(call: Call, words: readonly string[]): number {
  const options = parseWords('clone', words, 'puo:');
  const [from, name] = options.rest;
  if (from === undefined) throw usageError('missing source dataset argument', 'clone');
  if (name === undefined) throw usageError('missing target dataset argument', 'clone');
  const what = `cannot create '${name}'`;
  const origin = openSnapshot(call.machine, from);
  const assignments = [...parseAssignments(options.all('o'))];
  checkName(what, name);
  checkParent(call.machine, what, name);
  if (call.machine.datasets.has(name)) throw new ZfsFailure(`${what}: dataset already exists`);
  const properties = assignments.map(
    ([property, value]) => [property, checkProperty(what, property, value)] as const,
  );
  if (poolOf(name) !== poolOf(from)) throw new ZfsFailure(`${what}: source and target pools differ`);
  demand(call, what, origin.dataset.name, 'clone');
  demand(call, what, parentOf(name) ?? name, 'create', 'mount');
  if (isFull(call.machine, name) || isOverLimit(call, parentOf(name) ?? name, 'filesystem'))
    throw new ZfsFailure(`${what}: out of space`);
  const dataset = addDataset(call.machine, name, origin.dataset.volsize);
  dataset.encryptionRoot = origin.dataset.encryptionRoot;
  dataset.origin = origin;
  dataset.live = origin.tree;
  dataset.written = 0;
  for (const [property, value] of properties) dataset.properties.set(property, { value, source: 'local' });
  if (!options.has('u')) mountAutomatically(call, dataset);
  return 0;
}

/** zfs promote CLONE: the origin's snapshots and bookmarks up to the clone's beginning become the clone's own. */
export function promote(call: Call, words: readonly string[]): number {
  const { rest } = parseWords('promote', words, '');
  const [name] = rest;
  if (name === undefined) throw usageError('missing clone filesystem argument', 'promote');
  const { machine } = call;
  const dataset = openDataset(machine, name);
  const what = `cannot promote '${name}'`;
  const { origin } = dataset;
  if (origin === null) throw new ZfsFailure(`${what}: not a cloned filesystem`);
  const parent = origin.dataset;
  demand(call, what, name, 'promote', 'mount');
  if (!isAllowed(machine, call.user, parent.name, 'promote'))
    throw new ZfsFailure(`${what}: permission denied`);
  const cut = parent.snapshots.indexOf(origin) + 1;
  const moving = parent.snapshots.slice(0, cut);
  const twice = moving.find(({ short }) => dataset.snapshots.some((each) => each.short === short));
  if (twice !== undefined) {
    throw new ZfsFailure(
      `${what}: snapshot name '${name}@${twice.short}' from origin \nconflicts with '${parent.name}@${twice.short}' from target`,
    );
  }
  swapOrigins(dataset, parent);
  parent.snapshots = parent.snapshots.slice(cut);
  dataset.snapshots = [...moving, ...dataset.snapshots];
  for (const each of moving) each.dataset = dataset;
  const isMoving = ({ createtxg }: { readonly createtxg: bigint }): boolean => createtxg <= origin.createtxg;
  dataset.bookmarks = [...parent.bookmarks.filter(isMoving), ...dataset.bookmarks];
  parent.bookmarks = parent.bookmarks.filter((each) => !isMoving(each));
  nextTxg(machine, name);
  return 0;
}

function swapOrigins(dataset: Dataset, parent: Dataset): void {
  const { origin } = dataset;
  dataset.origin = parent.origin;
  parent.origin = origin;
}
