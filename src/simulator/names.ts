import { isRoamhomeError } from '../errors/errors.ts';
import { parseBookmarkName, parseDatasetName, parseSnapshotName } from '../zfs/names.ts';
import { ZfsFailure } from './failure.ts';
import type { Machine } from './machine.ts';
import { parentOf, poolOf } from './model.ts';

function isValid(name: string): boolean {
  try {
    if (name.includes('@')) parseSnapshotName(name);
    else if (name.includes('#')) parseBookmarkName(name);
    else parseDatasetName(name);
    return true;
  } catch (error) {
    if (isRoamhomeError(error, 'name-invalid')) return false;
    throw error;
  }
}

function whyInvalid(name: string): string {
  if (Buffer.byteLength(name) > 255) return 'name is too long';
  const bad = /[^A-Za-z0-9_.: \-/@#]/.exec(name);
  if (bad !== null) return `invalid character ${bad[0]} in name`;
  if (name.endsWith('/')) return 'trailing slash in name';
  if (name.startsWith('/')) return 'leading slash in name';
  if (name.includes('//') || /[@#]$/.test(name))
    return "empty component or misplaced '@' or '#' delimiter in name";
  return 'invalid name';
}

/** Throws zfs's refusal of a name that its grammar does not have; `what` is as in `cannot create 'data/a%'`. */
export function checkName(what: string, name: string): void {
  if (!isValid(name)) throw new ZfsFailure(`${what}: ${whyInvalid(name)}`);
}

/** Throws zfs's refusal when the dataset above a new one is not there. */
export function checkParent(machine: Machine, what: string, name: string): void {
  const parent = parentOf(name);
  if (parent === null) throw new ZfsFailure(`${what}: missing dataset name`);
  if (!machine.pools.has(poolOf(name))) throw new ZfsFailure(`${what}: no such pool '${poolOf(name)}'`);
  const above = machine.datasets.get(parent);
  if (above === undefined) throw new ZfsFailure(`${what}: parent does not exist`);
  if (above.volsize !== null) throw new ZfsFailure(`${what}: parent is not a filesystem`);
}
