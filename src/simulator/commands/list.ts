import { propertyNamed, propertyOf, type Target } from '../columns.ts';
import { usageError, ZfsFailure } from '../failure.ts';
import type { Call, Machine } from '../machine.ts';
import { parseWords, type Words } from '../options.ts';
import { printTable } from '../table.ts';
import { compareTargets, parseKinds, targetsOf, type Reach } from '../targets.ts';

/** -r and -d as a depth. */
export function depthOf(options: Words, command: string): number {
  const depth = options.last('d');
  if (depth === undefined) return options.has('r') ? Infinity : 0;
  if (!/^\d+$/.test(depth)) throw usageError(`'${depth}' is not a number`, command);
  return Number(depth);
}

/** Names one after the other: what cannot be opened is said, and the rest is shown with exit 1. */
export function openable(
  call: Call,
  names: readonly string[],
  reach: Reach,
): { targets: readonly Target[]; failed: boolean } {
  if (names.length === 0) return { targets: targetsOf(call.machine, [], reach), failed: false };
  const found = new Map<string, Target>();
  let failed = false;
  for (const name of names) {
    try {
      for (const target of targetsOf(call.machine, [name], reach)) found.set(target.name, target);
    } catch (error) {
      if (!(error instanceof ZfsFailure)) throw error;
      call.err(error.stderr);
      failed = true;
    }
  }
  return { targets: [...found.values()].sort(compareTargets), failed };
}

function reachOf(options: Words): Reach {
  const types = options.last('t');
  const kinds = parseKinds(types ?? 'filesystem,volume');
  const depth = depthOf(options, 'list');
  // `zfs list -t snapshot DATASET` is about that dataset's (cmd/zfs/zfs_main.c, zfs_do_list).
  const onlyVersions = !kinds.has('filesystem') && !kinds.has('volume');
  // Without -t a snapshot that is named is shown; a bookmark is not.
  if (types === undefined) return { kinds, named: parseKinds('filesystem,volume,snapshot'), depth };
  return { kinds, depth: onlyVersions && depth === 0 ? 1 : depth };
}

/** zfs list [-Hp] [-r|-d DEPTH] [-o COLUMNS] [-t TYPES] [-s COLUMN]... [-S COLUMN]... [NAME]... */
export function list(call: Call, words: readonly string[]): number {
  const options = parseWords('list', words, 'Hpro:t:s:S:d:');
  const columns = (options.last('o') ?? 'name,used,available,referenced,mountpoint')
    .split(',')
    .map((name) => {
      const whole = propertyNamed(name);
      if (whole === null) throw usageError(`bad property list: invalid property '${name}'`, 'list');
      return whole;
    });
  const parsable = options.has('p');
  const { targets, failed } = openable(call, options.rest, reachOf(options));
  const rows = sortTargets(call.machine, targets, options).map((target) =>
    columns.map((name) => propertyOf(call.machine, target, name, parsable)?.value ?? '-'),
  );
  if (rows.length > 0) printTable(call.out, options.has('H') ? null : columns.map(headerOf), rows);
  else if (!failed && options.rest.length === 0) call.err('no datasets available\n');
  return failed ? 1 : 0;
}

const shortHeaders: Readonly<Record<string, string>> = { available: 'AVAIL', referenced: 'REFER' };

function headerOf(name: string): string {
  return shortHeaders[name] ?? name.toUpperCase();
}

/** -s and -S with zfs's default order last; what lacks a property comes behind. */
function sortTargets(machine: Machine, targets: readonly Target[], options: Words): readonly Target[] {
  const keys = [
    ...options.all('s').map((name) => [sortable(name), 1] as const),
    ...options.all('S').map((name) => [sortable(name), -1] as const),
  ];
  if (keys.length === 0) return targets;
  const valued = targets.map((target) => ({
    target,
    values: keys.map(([name]) => comparable(propertyOf(machine, target, name, true)?.value ?? null)),
  }));
  valued.sort((a, b) => {
    for (const [i, [, direction]] of keys.entries()) {
      const order = compareValues(a.values[i] ?? null, b.values[i] ?? null, direction);
      if (order !== 0) return order;
    }
    return compareTargets(a.target, b.target);
  });
  return valued.map(({ target }) => target);
}

function sortable(name: string): string {
  const whole = propertyNamed(name);
  if (whole === null) throw usageError(`invalid property '${name}'`, 'list');
  return whole;
}

type Comparable = bigint | string | null;

function comparable(value: string | null): Comparable {
  return value !== null && /^\d+$/.test(value) ? BigInt(value) : value;
}

function compareValues(a: Comparable, b: Comparable, direction: 1 | -1): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  const less = typeof a === typeof b ? a < b : String(a) < String(b);
  return less ? -direction : direction;
}
