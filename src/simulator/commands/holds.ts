import { isAllowed } from '../delegation.ts';
import { cannotOpen, usageError, ZfsFailure } from '../failure.ts';
import { datasetsAtOrBelow, findSnapshot, openDataset, seconds, type Call } from '../machine.ts';
import { snapshotName, type Snapshot } from '../model.ts';
import { parseWords } from '../options.ts';
import { shownDate } from '../shown-date.ts';
import { printTable } from '../table.ts';

/** With -r the snapshots of that name below as well; none at all throws. */
function chosen(call: Call, name: string, recursive: boolean): readonly Snapshot[] {
  const [above = '', short = ''] = name.split('@');
  const top = openDataset(call.machine, above);
  const all = recursive ? datasetsAtOrBelow(call.machine, top.name) : [top];
  return all.flatMap(({ snapshots }) => snapshots.filter((each) => each.short === short));
}

/** zfs hold [-r] TAG SNAPSHOT... */
export function hold(call: Call, words: readonly string[]): number {
  const options = parseWords('hold', words, 'r');
  const [tag, ...names] = options.rest;
  if (tag === undefined || names.length === 0) throw usageError('missing tag or snapshot argument', 'hold');
  for (const name of names) {
    const snapshots = chosen(call, name, options.has('r'));
    if (snapshots.length === 0)
      throw new ZfsFailure(`cannot hold snapshot '${name}': dataset does not exist`);
    for (const each of snapshots) {
      if (!isAllowed(call.machine, call.user, each.dataset.name, 'hold'))
        throw new ZfsFailure('cannot hold: permission denied');
      if (each.holds.has(tag)) {
        throw new ZfsFailure(
          `cannot hold snapshot '${snapshotName(each)}': tag already exists on this dataset`,
        );
      }
    }
    for (const each of snapshots) each.holds.set(tag, seconds(call.machine));
  }
  return 0;
}

/** zfs release [-r] TAG SNAPSHOT... */
export function release(call: Call, words: readonly string[]): number {
  const options = parseWords('release', words, 'r');
  const [tag, ...names] = options.rest;
  if (tag === undefined || names.length === 0)
    throw usageError('missing tag or snapshot argument', 'release');
  for (const name of names) {
    const snapshots = chosen(call, name, options.has('r'));
    if (snapshots.length === 0)
      throw new ZfsFailure(`cannot release hold from snapshot '${name}': dataset does not exist`);
    for (const each of snapshots) {
      if (!isAllowed(call.machine, call.user, each.dataset.name, 'release'))
        throw new ZfsFailure('cannot release: permission denied');
      if (!each.holds.delete(tag)) {
        throw new ZfsFailure(
          `cannot release hold from snapshot '${snapshotName(each)}': no such tag on this dataset`,
        );
      }
    }
  }
  return 0;
}

/** zfs holds [-rHp] SNAPSHOT... */
export function holds(call: Call, words: readonly string[]): number {
  const options = parseWords('holds', words, 'rHp');
  if (options.rest.length === 0) throw usageError('missing snapshot argument', 'holds');
  const rows: string[][] = [];
  let [found, failed] = [false, false];
  for (const name of options.rest) {
    if (findSnapshot(call.machine, name) === undefined && !options.has('r')) {
      call.err(cannotOpen(name).stderr);
      failed = true;
      continue;
    }
    for (const each of chosen(call, name, options.has('r'))) {
      found = true;
      for (const [tag, time] of each.holds) {
        rows.push([snapshotName(each), tag, options.has('p') ? String(time) : shownDate(time)]);
      }
    }
  }
  printTable(call.out, options.has('H') ? null : ['NAME', 'TAG', 'TIMESTAMP'], rows);
  if (!found) call.err('no datasets available\n');
  return failed ? 1 : 0;
}
