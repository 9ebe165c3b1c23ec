import { demand } from '../delegation.ts';
import { usageError, ZfsFailure } from '../failure.ts';
import {
  datasetsAtOrBelow,
  findSnapshot,
  nextTxg,
  openDataset,
  openSnapshot,
  type Call,
} from '../machine.ts';
import { mountDataset, unmountTree, whyNotMountable } from '../mounting.ts';
import { isAtOrBelow, parentOf, poolOf } from '../model.ts';
import { checkName, checkParent } from '../names.ts';
import { parseWords, type Words } from '../options.ts';

/** zfs rename [-fpru] FILESYSTEM|SNAPSHOT FILESYSTEM|SNAPSHOT */
export function rename(call: Call, words: readonly string[]): number {
  const options = parseWords('rename', words, 'fpru');
  const [from, to] = options.rest;
  if (from === undefined) throw usageError('missing source dataset argument', 'rename');
  if (to === undefined) throw usageError('missing target dataset argument', 'rename');
  return from.includes('@')
    ? renameSnapshot(call, from, to, options)
    : renameDataset(call, from, to, options);
}

function renameSnapshot(call: Call, from: string, to: string, options: Words): number {
  const { machine } = call;
  const first = openSnapshot(machine, from);
  const short = to.slice(to.indexOf('@') + 1);
  const name = `${first.dataset.name}@${short}`;
  checkName(`cannot rename to '${name}'`, name);
  if (to.includes('@') && !to.startsWith('@') && to !== name) {
    throw new ZfsFailure(`cannot rename to '${to}': snapshots must be part of same dataset`);
  }
  const what = `cannot rename '${from}'`;
  const datasets = options.has('r') ? datasetsAtOrBelow(machine, first.dataset.name) : [first.dataset];
  const chosen = datasets.flatMap(({ snapshots }) => snapshots.filter((each) => each.short === first.short));
  for (const each of chosen) {
    demand(call, what, each.dataset.name, 'rename', 'mount');
    if (findSnapshot(machine, `${each.dataset.name}@${short}`) === undefined) continue;
    throw new ZfsFailure(
      options.has('r')
        ? `${what}: a child dataset already has a snapshot with the new name`
        : `${what}: dataset already exists`,
    );
  }
  for (const each of chosen) each.short = short;
  nextTxg(machine, from);
  return 0;
}

function renameDataset(call: Call, from: string, to: string, options: Words): number {
  const { machine } = call;
  const dataset = openDataset(machine, from);
  const what = `cannot rename to '${to}'`;
  checkName(what, to);
  if (poolOf(from) !== poolOf(to)) throw new ZfsFailure(`${what}: datasets must be within same pool`);
  checkParent(machine, `cannot create '${to}'`, to);
  if (to !== from && isAtOrBelow(to, from)) {
    throw new ZfsFailure(`${what}: New dataset name cannot be a descendant of current dataset name`);
  }
  if (machine.datasets.has(to)) throw new ZfsFailure(`cannot rename '${from}': dataset already exists`);
  const above = machine.datasets.get(parentOf(to) ?? '')?.encryptionRoot ?? null;
  if (dataset.encryptionRoot !== null && dataset.key === null && above !== dataset.encryptionRoot)
    throw new ZfsFailure(
      `cannot rename '${from}': cannot move encrypted child outside of its encryption root`,
    );
  demand(call, `cannot rename '${from}'`, from, 'rename', 'mount');
  demand(call, `cannot rename '${from}'`, parentOf(to) ?? to, 'create', 'mount');
  const all = datasetsAtOrBelow(machine, from);
  const mounted = all.filter((each) => each.mounted !== null);
  const readonly = new Set(mounted.filter((each) => each.mounted?.readonly));
  if (!options.has('u')) unmountTree(machine, dataset, options.has('f'));
  for (const each of all) {
    machine.datasets.delete(each.name);
    each.name = to + each.name.slice(from.length);
  }
  for (const each of all) machine.datasets.set(each.name, each);
  for (const each of options.has('u') ? [] : mounted) {
    if (whyNotMountable(machine, each) === null) mountDataset(machine, each, readonly.has(each));
  }
  nextTxg(machine, to);
  return 0;
}
