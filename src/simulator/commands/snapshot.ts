import { isAllowed } from '../delegation.ts';
import { cannotOpen, usageError, ZfsFailure } from '../failure.ts';
import { isOverLimit } from '../limits.ts';
import {
  datasetsAtOrBelow,
  findBookmark,
  findSnapshot,
  newGuid,
  nextTxg,
  openDataset,
  seconds,
  type Call,
} from '../machine.ts';
import { headOf, type Dataset } from '../model.ts';
import { settle, shownWritten } from '../mounting.ts';
import { checkName } from '../names.ts';
import { parseWords } from '../options.ts';
import { isFull } from '../space.ts';
import { checkProperty, parseAssignments } from '../properties.ts';

/** zfs snapshot [-r] [-o property=value]... FILESYSTEM@SNAPSHOT... : one transaction. */
export function snapshot(call: Call, words: readonly string[]): number {
  const options = parseWords('snapshot', words, 'ro:');
  if (options.rest.length === 0) throw usageError('missing snapshot argument', 'snapshot');
  const { machine } = call;
  const wanted = new Map<string, Dataset>();
  for (const name of options.rest) {
    const [above = '', short] = name.split('@');
    if (short === undefined) throw usageError(`missing '@' in ${name}`, 'snapshot');
    const top = machine.datasets.get(above);
    // A dataset that is not there counts as a wrong usage (cmd/zfs/zfs_main.c, zfs_do_snapshot).
    if (top === undefined) throw usageError(cannotOpen(above).stderr.trimEnd(), 'snapshot');
    checkName(`cannot create snapshot '${name}'`, name);
    // What a first receive has begun is passed over (cmd/zfs/zfs_main.c, zfs_snapshot_cb).
    const all = options.has('r')
      ? datasetsAtOrBelow(machine, above).filter(({ partial }) => partial?.newDataset !== true)
      : [top];
    for (const each of all) wanted.set(`${each.name}@${short}`, each);
  }
  const properties = [...parseAssignments(options.all('o'))].map(
    ([property, value]) => [property, checkProperty(`cannot create snapshots `, property, value)] as const,
  );
  const failures = [...wanted].flatMap(([name, dataset]) => {
    const why = whyNotSnapshot(call, name, dataset);
    return why === null ? [] : [why];
  });
  if (failures.length === 0 && [...wanted.keys()].some((name) => isFull(machine, name)))
    failures.push('cannot create snapshots : out of space');
  if (failures.length > 0) {
    const several = options.rest.length > 1 || options.has('r');
    throw new ZfsFailure(
      [...new Set(failures), ...(several ? ['no snapshots were created'] : [])].join('\n'),
    );
  }
  take(call, wanted, properties);
  return 0;
}

function whyNotSnapshot(call: Call, name: string, dataset: Dataset): string | null {
  if (!isAllowed(call.machine, call.user, dataset.name, 'snapshot'))
    return 'cannot create snapshots : permission denied';
  if (dataset.partial?.newDataset === true) return `cannot create snapshot '${name}': dataset is busy`;
  if (isOverLimit(call, dataset.name, 'snapshot'))
    return `cannot create snapshot '${dataset.name}': out of space`;
  return findSnapshot(call.machine, name) === undefined
    ? null
    : `cannot create snapshot '${name}': dataset already exists`;
}

function take(
  call: Call,
  wanted: ReadonlyMap<string, Dataset>,
  properties: readonly (readonly [string, string])[],
): void {
  const [first] = wanted.keys();
  const createtxg = nextTxg(call.machine, first ?? '');
  for (const [name, dataset] of wanted) {
    settle(dataset);
    const guid = newGuid(call.machine);
    dataset.snapshots.push({
      dataset,
      short: name.slice(name.indexOf('@') + 1),
      guid,
      ivset: dataset.encryptionRoot === null ? null : guid,
      createtxg,
      creation: seconds(call.machine),
      written: shownWritten(dataset),
      tree: dataset.live,
      holds: new Map(),
      properties: new Map(properties),
    });
    dataset.written = 0;
    dataset.logHead = 'clean';
  }
}

/** zfs bookmark SNAPSHOT|BOOKMARK NEWBOOKMARK */
export function bookmark(call: Call, words: readonly string[]): number {
  const { rest } = parseWords('bookmark', words, '');
  const [from, to] = rest;
  if (from === undefined) throw usageError('missing source argument', 'bookmark');
  if (to === undefined) throw usageError('missing bookmark argument', 'bookmark');
  const { machine } = call;
  const what = `cannot create bookmark '${to}'`;
  checkName(what, to);
  const owner = from.split(/[@#]/, 1)[0] ?? '';
  const name = to.startsWith('#') ? owner + to : to;
  const source = from.includes('#') ? findBookmark(machine, from) : findSnapshot(machine, from);
  // A source that is not there counts as a wrong usage (cmd/zfs/zfs_main.c, zfs_do_bookmark).
  if (source === undefined) throw usageError(cannotOpen(from).stderr.trimEnd(), 'bookmark');
  const dataset = openDataset(machine, name.slice(0, name.indexOf('#')));
  if (!isAllowed(machine, call.user, dataset.name, 'bookmark'))
    throw new ZfsFailure(`${what}: permission denied`);
  if (dataset.name !== owner)
    throw new ZfsFailure(`${what}: source is not an ancestor of the new bookmark's dataset`);
  if (isFull(machine, name)) throw new ZfsFailure(`${what}: out of space`);
  if (findBookmark(machine, name) !== undefined) throw new ZfsFailure(`${what}: bookmark exists`);
  nextTxg(machine, dataset.name);
  const { guid, createtxg, creation, ivset, tree } = source;
  dataset.bookmarks.push({
    short: name.slice(name.indexOf('#') + 1),
    guid,
    createtxg,
    creation,
    ivset,
    tree,
  });
  return 0;
}

/** The dataset as it was at its newest snapshot. */
export function revertToHead(dataset: Dataset): void {
  const head = headOf(dataset) ?? dataset.origin;
  if (head === null) return;
  dataset.live = head.tree;
  dataset.written = 0;
  // The log's head is the dataset's own.
  dataset.logHead = dataset.logUsed === 'yes' ? 'written' : 'clean';
}
