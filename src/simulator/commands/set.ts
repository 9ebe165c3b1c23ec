import { isAllowed } from '../delegation.ts';
import { cannotOpen, usageError, ZfsFailure } from '../failure.ts';
import {
  datasetsAtOrBelow,
  findSnapshot,
  nextTxg,
  openDataset,
  type Call,
  type Machine,
} from '../machine.ts';
import { mountDataset, nativeValue, noteFirstWrite, unmountTree, whyNotMountable } from '../mounting.ts';
import type { Dataset } from '../model.ts';
import { isUserProperty, nativeProperties, readonlyProperties } from '../native-properties.ts';
import { parseWords } from '../options.ts';
import { checkProperty, isOf } from '../properties.ts';
import { usedBytes } from '../space.ts';

/** What a user must be allowed for setting the property. */
export function permissionFor(property: string): string {
  return isUserProperty(property) ? 'userprop' : property;
}

/** zfs set [-u] property=value... DATASET... */
export function set(call: Call, words: readonly string[]): number {
  const { rest } = parseWords('set', words, 'u');
  const pairs = rest.filter((word) => word.includes('='));
  const names = rest.filter((word) => !word.includes('='));
  if (pairs.length === 0) throw usageError('missing property=value argument(s)', 'set');
  if (names.length === 0) throw usageError('missing dataset name(s)', 'set');
  for (const name of names) {
    const what = `cannot set property for '${name}'`;
    const target = openTarget(call, name);
    const values = pairs.map(
      (pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)] as const,
    );
    const checked = values.map(([property, value]) => {
      if (target.snapshot !== undefined && !isUserProperty(property)) {
        throw new ZfsFailure(`${what}: this property can not be modified for snapshots`, 255);
      }
      if (!isOf(target.dataset, property))
        throw new ZfsFailure(`${what}: '${property}' does not apply to datasets of this type`, 255);
      return [property, asMinusOne(() => checkProperty(what, property, value))] as const;
    });
    const quota = Number(new Map(checked).get('quota') ?? 0);
    if (quota > 0 && quota < usedBytes(call.machine, target.dataset))
      throw new ZfsFailure(`${what}: size is less than current used or reserved space`, 255);
    for (const [property] of checked) {
      if (isAllowed(call.machine, call.user, target.dataset.name, permissionFor(property))) continue;
      throw new ZfsFailure(`${what}: permission denied`, 255);
    }
    if (target.snapshot === undefined) assignProperties(call, target.dataset, new Map(checked));
    else for (const [property, value] of checked) target.snapshot.properties.set(property, value);
    nextTxg(call.machine, name);
  }
  return 0;
}

/** `zfs set` hands libzfs's -1 on as its exit code. */
function asMinusOne<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (error instanceof ZfsFailure) throw new ZfsFailure(error.stderr.trimEnd(), 255);
    throw error;
  }
}

function openTarget(
  call: Call,
  name: string,
): { dataset: Dataset; snapshot?: NonNullable<ReturnType<typeof findSnapshot>> } {
  if (!name.includes('@')) return { dataset: openDataset(call.machine, name) };
  const snapshot = findSnapshot(call.machine, name);
  if (snapshot === undefined) throw cannotOpen(name);
  return { dataset: snapshot.dataset, snapshot };
}

/** Sets properties that were checked, and then mounts or unmounts as they ask for. null: inherits it. */
function assignProperties(call: Call, dataset: Dataset, values: ReadonlyMap<string, string | null>): void {
  const { machine } = call;
  const all = datasetsAtOrBelow(machine, dataset.name);
  const moving = all.filter((each) => each.mounted !== null);
  const placeless = all.filter((each) => /^(none|legacy)$/.test(nativeValue(machine, each, 'mountpoint')));
  // First, for it may fail: then nothing is set.
  const leaves = values.has('mountpoint') || values.get('canmount') === 'off';
  if (leaves)
    asMinusOne(() => {
      unmountTree(machine, dataset, false);
    });
  for (const [property, value] of values) {
    if (value === null) dataset.properties.delete(property);
    else dataset.properties.set(property, { value, source: 'local' });
  }
  if (values.has('mountpoint')) remountAll(machine, moving, placeless);
  if (values.get('canmount') === 'on' && whyNotMountable(machine, dataset) === null) {
    mountDataset(machine, dataset, false);
  }
  if (values.has('readonly') && dataset.mounted !== null) {
    const readonly = nativeValue(machine, { ...dataset, mounted: null }, 'readonly') === 'on';
    dataset.mounted = { ...dataset.mounted, readonly };
    noteFirstWrite(dataset);
  }
}

/** What was mounted is mounted at its new place; what had no place, or none of zfs's, is mounted if it may be. */
function remountAll(machine: Machine, mounted: readonly Dataset[], placeless: readonly Dataset[]): void {
  const wanted = placeless.filter((each) => nativeValue(machine, each, 'canmount') === 'on');
  for (const each of [...mounted, ...wanted])
    if (whyNotMountable(machine, each) === null) mountDataset(machine, each, false);
}

function notInherited(property: string): ZfsFailure {
  const lines = [`'${property}' property cannot be inherited`];
  if (nativeProperties.get(property)?.values === 'size') {
    lines.push(`use 'zfs set ${property}=none' to clear`);
    lines.push(`use 'zfs inherit -S ${property}' to revert to received value`);
  }
  return new ZfsFailure(lines.join('\n'));
}

/** zfs inherit [-rS] PROPERTY DATASET... */
export function inherit(call: Call, words: readonly string[]): number {
  const options = parseWords('inherit', words, 'rS');
  const [property, ...names] = options.rest;
  if (property === undefined) throw usageError('missing property argument', 'inherit');
  if (names.length === 0) throw usageError('missing dataset argument', 'inherit');
  if (!isUserProperty(property) && !nativeProperties.has(property)) {
    throw usageError(
      readonlyProperties.includes(property)
        ? `${property} property is read-only`
        : `invalid property '${property}'`,
      'inherit',
    );
  }
  if (nativeProperties.get(property)?.inherited === false && !options.has('S')) throw notInherited(property);
  for (const name of names) {
    const top = openDataset(call.machine, name);
    for (const dataset of options.has('r') ? datasetsAtOrBelow(call.machine, top.name) : [top]) {
      if (!isAllowed(call.machine, call.user, dataset.name, permissionFor(property))) {
        throw new ZfsFailure(`cannot inherit ${property} for '${dataset.name}': permission denied`);
      }
      assignProperties(call, dataset, new Map([[property, null]]));
    }
  }
  return 0;
}
