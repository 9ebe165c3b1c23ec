import { isAllowed } from '../delegation.ts';
import { cannotOpen, usageError, ZfsFailure } from '../failure.ts';
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
import { checkName } from '../names.ts';
import { parseWords } from '../options.ts';
import { checkProperty, parseAssignments } from '../properties.ts';

/** zfs snapshot [-r] [-o property=value]... FILESYSTEM@SNAPSHOT... : one transaction. */
export function snapshot(call: Call, words: readonly string[]): number {
  const options = parseWords('snapshot', words, 'ro:');
  if (options.rest.length === 0) throw usageError('missing snapshot argument', 'snapshot');
  const { machine } = call;
  const several = options.rest.length > 1 || options.has('r');
  const wanted = new Map<string, Dataset | undefined>();
  for (const name of options.rest) {
    const what = `cannot create snapshot '${name}'`;
    if (!name.includes('@'))
      throw new ZfsFailure(`${what}: missing '@' delimiter in snapshot name, did you mean to use -r?`);
    checkName(what, name);
    const [above = '', short = ''] = name.split('@');
    if (!options.has('r')) wanted.set(name, machine.datasets.get(above));
    else
      for (const each of datasetsAtOrBelow(machine, openDataset(machine, above).name))
        wanted.set(`${each.name}@${short}`, each);
  }
  const properties = [...parseAssignments(options.all('o'))].map(
    ([property, value]) => [property, checkProperty(`cannot create snapshots `, property, value)] as const,
  );
  const failures = [...wanted].flatMap(([name, dataset]) => {
    const why = whyNotSnapshot(call, name, dataset);
    return why === null ? [] : [why];
  });
  if (failures.length > 0) {
    throw new ZfsFailure(
      [...new Set(failures), ...(several ? ['no snapshots were created'] : [])].join('\n'),
    );
  }
  take(call, wanted, properties);
  return 0;
}

function whyNotSnapshot(call: Call, name: string, dataset: Dataset | undefined): string | null {
  if (dataset === undefined) return `cannot open '${name.split('@')[0] ?? ''}': dataset does not exist`;
  if (!isAllowed(call.machine, call.user, dataset.name, 'snapshot'))
    return 'cannot create snapshots : permission denied';
  if (dataset.partial?.newDataset === true) return `cannot create snapshot '${name}': dataset is busy`;
  return findSnapshot(call.machine, name) === undefined
    ? null
    : `cannot create snapshot '${name}': dataset already exists`;
}

function take(
  call: Call,
  wanted: ReadonlyMap<string, Dataset | undefined>,
  properties: readonly (readonly [string, string])[],
): void {
  const [first] = wanted.keys();
  const createtxg = nextTxg(call.machine, first ?? '');
  for (const [name, dataset] of wanted) {
    if (dataset === undefined) continue;
    dataset.snapshots.push({
      dataset,
      short: name.slice(name.indexOf('@') + 1),
      guid: newGuid(call.machine),
      createtxg,
      creation: seconds(call.machine),
      written: dataset.written,
      tree: dataset.live,
      holds: new Map(),
      properties: new Map(properties),
    });
    dataset.written = 0;
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
  if (source === undefined) throw cannotOpen(from);
  const dataset = openDataset(machine, name.slice(0, name.indexOf('#')));
  if (!isAllowed(machine, call.user, dataset.name, 'bookmark'))
    throw new ZfsFailure(`${what}: permission denied`);
  if (dataset.name !== owner)
    throw new ZfsFailure(`${what}: source is not an ancestor of the new bookmark's dataset`);
  if (findBookmark(machine, name) !== undefined) throw new ZfsFailure(`${what}: bookmark exists`);
  nextTxg(machine, dataset.name);
  const { guid, createtxg, creation, tree } = source;
  dataset.bookmarks.push({ short: name.slice(name.indexOf('#') + 1), guid, createtxg, creation, tree });
  return 0;
}

/** The dataset as it was at its newest snapshot. */
export function revertToHead(dataset: Dataset): void {
  const head = headOf(dataset) ?? dataset.origin;
  if (head === null) return;
  dataset.live = head.tree;
  dataset.written = 0;
}
