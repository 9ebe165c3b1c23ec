import { clonesOf, type Machine } from './machine.ts';
import { snapshotName, type Bookmark, type Dataset, type Snapshot } from './model.ts';
import {
  isUserProperty,
  nativeProperties,
  propertyAliases,
  readonlyProperties,
} from './native-properties.ts';
import { effectiveProperty, shownValue, type Valued } from './properties.ts';
import { shownDate } from './shown-date.ts';
import { availableBytes, niceBytes, usedBytes } from './space.ts';
import { encodeToken } from './token.ts';
import { treeBytes } from './tree.ts';

/** Anything that `zfs list` and `zfs get` show. */
export type Target =
  | { readonly kind: 'filesystem'; readonly name: string; readonly dataset: Dataset }
  | {
      readonly kind: 'snapshot';
      readonly name: string;
      readonly dataset: Dataset;
      readonly snapshot: Snapshot;
    }
  | {
      readonly kind: 'bookmark';
      readonly name: string;
      readonly dataset: Dataset;
      readonly bookmark: Bookmark;
    };

/** The whole name of a property, or null when zfs has none of that name. */
export function propertyNamed(name: string): string | null {
  const whole = propertyAliases.get(name) ?? name;
  return isUserProperty(whole) || nativeProperties.has(whole) || readonlyProperties.includes(whole)
    ? whole
    : null;
}

/** A property of a dataset, snapshot or bookmark; null: it has none. */
export function propertyOf(machine: Machine, target: Target, name: string, parsable: boolean): Valued | null {
  if (isUserProperty(name)) return userProperty(machine, target, name);
  const told = toldOf(machine, target, name, parsable);
  if (told !== undefined) return told === null ? null : { value: told, source: '-' };
  if (target.kind !== 'filesystem') return null;
  const set = effectiveProperty(machine, target.dataset, name);
  return set === null ? null : { value: shownValue(name, set.value, parsable), source: set.source };
}

/** A snapshot has its own, and inherits its dataset's. */
function userProperty(machine: Machine, target: Target, name: string): Valued | null {
  if (target.kind === 'bookmark') return null;
  const own = target.kind === 'snapshot' ? target.snapshot.properties.get(name) : undefined;
  if (own !== undefined) return { value: own, source: 'local' };
  const found = effectiveProperty(machine, target.dataset, name);
  if (found === null || target.kind === 'filesystem') return found;
  const inherited = found.source.startsWith('inherited')
    ? found.source
    : `inherited from ${target.dataset.name}`;
  return { value: found.value, source: inherited };
}

/** What zfs tells by itself; undefined: no such property, null: this one has none. */
function toldOf(
  machine: Machine,
  target: Target,
  name: string,
  parsable: boolean,
): string | null | undefined {
  const version =
    target.kind === 'snapshot'
      ? target.snapshot
      : target.kind === 'bookmark'
        ? target.bookmark
        : target.dataset;
  switch (name) {
    case 'name':
      return target.name;
    case 'type':
      return target.kind;
    case 'guid':
      return version.guid;
    case 'createtxg':
      return String(version.createtxg);
    case 'creation':
      return parsable ? String(version.creation) : shownDate(version.creation);
    case 'encryption':
      return target.kind === 'bookmark' ? null : 'off';
    case 'encryptionroot':
      return null;
  }
  if (target.kind === 'filesystem') return toldOfFilesystem(machine, target.dataset, name, parsable);
  if (target.kind === 'bookmark') return readonlyProperties.includes(name) ? null : undefined;
  return toldOfSnapshot(machine, target.snapshot, name, parsable);
}

function shownSize(bytes: number, parsable: boolean): string {
  return parsable ? String(bytes) : niceBytes(bytes);
}

function toldOfFilesystem(
  machine: Machine,
  dataset: Dataset,
  name: string,
  parsable: boolean,
): string | null | undefined {
  switch (name) {
    case 'used':
      return shownSize(usedBytes(machine, dataset), parsable);
    case 'available':
      return shownSize(availableBytes(machine, dataset.name), parsable);
    case 'referenced':
      return shownSize(treeBytes(dataset.live), parsable);
    case 'written':
      return shownSize(
        dataset.written + (dataset.partial?.newDataset === true ? dataset.partial.bytes : 0),
        parsable,
      );
    case 'mounted':
      return dataset.mounted === null ? 'no' : 'yes';
    case 'origin':
      return dataset.origin === null ? null : snapshotName(dataset.origin);
    case 'receive_resume_token':
      return dataset.partial?.resumable === true ? encodeToken(dataset.partial) : null;
    case 'userrefs':
    case 'clones':
    case 'defer_destroy':
      return null;
    default:
      return undefined;
  }
}

function toldOfSnapshot(
  machine: Machine,
  snapshot: Snapshot,
  name: string,
  parsable: boolean,
): string | null | undefined {
  switch (name) {
    case 'used':
      return shownSize(snapshot.written, parsable);
    case 'referenced':
      return shownSize(treeBytes(snapshot.tree), parsable);
    case 'written':
      return shownSize(snapshot.written, parsable);
    case 'userrefs':
      return String(snapshot.holds.size);
    case 'defer_destroy':
      return 'off';
    case 'clones':
      return (
        clonesOf(machine, snapshot)
          .map((clone) => clone.name)
          .join(',') || null
      );
    default:
      return readonlyProperties.includes(name) ? null : undefined;
  }
}
