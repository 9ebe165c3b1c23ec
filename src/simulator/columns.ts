import { countShown } from './limits.ts';
import { clonesOf, type Machine } from './machine.ts';
import { snapshotName, type Bookmark, type Dataset, type Snapshot } from './model.ts';
import {
  isUserProperty,
  nativeProperties,
  propertyAliases,
  readonlyProperties,
} from './native-properties.ts';
import { shownWritten } from './mounting.ts';
import { effectiveProperty, isOf, shownValue, type Valued } from './properties.ts';
import { shownDate } from './shown-date.ts';
import { availableBytes, niceBytes, usedBytes } from './space.ts';
import { encodeToken } from './stream/token.ts';
import { treeBytes } from './tree.ts';

/** Anything that `zfs list` and `zfs get` show. */
export type Target =
  | { readonly kind: 'filesystem' | 'volume'; readonly name: string; readonly dataset: Dataset }
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
  if (told !== undefined)
    return told === null ? null : { value: told, source: sourceOf(machine, target, name, told) };
  if (target.kind === 'snapshot' || target.kind === 'bookmark' || !isOf(target.dataset, name)) return null;
  const set = effectiveProperty(machine, target.dataset, name);
  return set === null ? null : { value: shownValue(name, set.value, parsable), source: set.source };
}

/** Most of what zfs tells by itself has no source. */
function sourceOf(machine: Machine, target: Target, name: string, told: string): string {
  const isDataset = target.kind === 'filesystem' || target.kind === 'volume';
  // Counts have that of their limit.
  if (isDataset && /^(?:snapshot|filesystem)_count$/.test(name))
    return effectiveProperty(machine, target.dataset, name.replace('_count', '_limit'))?.source ?? '-';
  if (name === 'volsize' && isDataset) return 'local';
  return name === 'encryption' && told === 'off' && isDataset ? 'default' : '-';
}

/** A snapshot has its own, and inherits its dataset's. */
function userProperty(machine: Machine, target: Target, name: string): Valued | null {
  if (target.kind === 'bookmark') return null;
  const own = target.kind === 'snapshot' ? target.snapshot.properties.get(name) : undefined;
  if (own !== undefined) return { value: own, source: 'local' };
  const found = effectiveProperty(machine, target.dataset, name);
  if (found === null || target.kind !== 'snapshot') return found;
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
  }
  if (target.kind !== 'bookmark' && encryptionColumns.includes(name)) return toldOfKey(target.dataset, name);
  if (target.kind === 'snapshot' && name === 'volsize') return toldOfVolume(target.dataset, parsable);
  switch (target.kind) {
    case 'bookmark':
      return readonlyProperties.includes(name) ? null : undefined;
    case 'snapshot':
      return toldOfSnapshot(machine, target.snapshot, name, parsable);
    case 'filesystem':
    case 'volume':
      return toldOfDataset(machine, target.dataset, name, parsable);
  }
}

const encryptionColumns = ['encryption', 'encryptionroot', 'keystatus', 'keyformat'];

function toldOfKey({ encryptionRoot }: Dataset, name: string): string | null {
  const key = encryptionRoot?.key ?? null;
  switch (name) {
    case 'encryption':
      return key?.cipher ?? 'off';
    case 'encryptionroot':
      return encryptionRoot?.name ?? null;
    case 'keyformat':
      return key?.keyformat ?? 'none';
    default:
      return key === null ? null : key.loaded ? 'available' : 'unavailable';
  }
}

function toldOfVolume({ volsize }: Dataset, parsable: boolean): string | null {
  return volsize === null ? null : shownSize(volsize, parsable);
}

function shownSize(bytes: number, parsable: boolean): string {
  return parsable ? String(bytes) : niceBytes(bytes);
}

function toldOfDataset(
  machine: Machine,
  dataset: Dataset,
  name: string,
  parsable: boolean,
): string | null | undefined {
  switch (name) {
    case 'used':
      return shownSize(usedBytes(machine, dataset), parsable);
    case 'snapshot_count':
      return countShown(machine, dataset.name, 'snapshot');
    case 'filesystem_count':
      return countShown(machine, dataset.name, 'filesystem');
    case 'available':
      return shownSize(availableBytes(machine, dataset.name), parsable);
    case 'referenced':
      return shownSize(treeBytes(dataset.live), parsable);
    case 'written':
      return shownSize(
        shownWritten(dataset) + (dataset.partial?.newDataset === true ? dataset.partial.bytes : 0),
        parsable,
      );
    case 'mounted':
      if (dataset.volsize !== null) return null;
      return dataset.mounted === null ? 'no' : 'yes';
    case 'origin':
      return dataset.origin === null ? null : snapshotName(dataset.origin);
    case 'receive_resume_token':
      return dataset.partial?.resumable === true ? encodeToken(dataset.partial) : null;
    case 'volsize':
      return toldOfVolume(dataset, parsable);
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
