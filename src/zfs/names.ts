import { RoamhomeError } from '../errors/errors.ts';

declare const brand: unique symbol;
type Branded<Base, Name extends string> = Base & { readonly [brand]: Name };

/** `pool/child/...`, valid by OpenZFS's grammar. */
export type DatasetName = Branded<string, 'DatasetName'>;
/** `dataset@snapshot`. */
export type SnapshotName = Branded<string, 'SnapshotName'>;
/** `dataset#bookmark`. */
export type BookmarkName = Branded<string, 'BookmarkName'>;
/** A 64-bit guid as its decimal digits: never a JS number, which would round it. */
export type Guid = Branded<string, 'Guid'>;
/** What `receive_resume_token` holds. Redacted in logs: whoever has it may ask for the rest of the stream. */
export type ResumeToken = Branded<string, 'ResumeToken'>;

/** ZFS_MAX_DATASET_NAME_LEN (256) less the closing NUL: bytes of a whole name, snapshot part included. */
const maxNameLength = 255;
/** zfs_max_dataset_nesting (zcommon/zfs_namecheck.c). */
const maxNesting = 50;
/** Names that stand for something else in zpool's words. */
const reservedPool = /^(?:mirror|raidz|draid|spare|log)$/;
/** Of the others zpool create refuses these too; a pool of before may have one (libzfs_pool.c, zpool_name_valid). */
const reservedForNewPools = /^(?:mirror|raidz|draid|spare)/;

/** Whether no pool can be made by this name. Pure. */
export function isReservedForNewPools(pool: string): boolean {
  return reservedPool.test(pool) || reservedForNewPools.test(pool);
}

/** valid_char() of zcommon/zfs_namecheck.c; `%` is reserved for ZFS's own hidden datasets. */
const componentPattern = /^[A-Za-z0-9_.: -]+$/;

function invalid(what: string, name: string, why: string): RoamhomeError {
  return new RoamhomeError({
    code: 'name-invalid',
    message: `${JSON.stringify(name)} is no ${what}: ${why}`,
    remedy:
      'Use letters, digits and _ . : - in each part, parts separated by /, the pool first, 255 characters at most.',
  });
}

function whyComponentInvalid(component: string): string | null {
  if (component === '') return 'it has an empty part';
  if (component === '.' || component === '..') return `${component} is not allowed as a part`;
  if (!componentPattern.test(component)) return `${JSON.stringify(component)} has a character ZFS refuses`;
  return null;
}

function whyDatasetInvalid(name: string): string | null {
  if (Buffer.byteLength(name) > maxNameLength) return `it is longer than ${maxNameLength} bytes`;
  const components = name.split('/');
  if (components.length > maxNesting) return `it is nested deeper than ${maxNesting}`;
  for (const component of components) {
    const why = whyComponentInvalid(component);
    if (why !== null) return why;
  }
  const pool = components[0] ?? '';
  if (!/^[A-Za-z]/.test(pool)) return 'a pool begins with a letter';
  if (reservedPool.test(pool)) return `${pool} is a reserved pool name`;
  return null;
}

/** True for what `parseDatasetName` takes. */
export function isDatasetName(name: string): name is DatasetName {
  return whyDatasetInvalid(name) === null;
}

/** Throws `name-invalid`. */
export function parseDatasetName(name: string): DatasetName {
  const why = whyDatasetInvalid(name);
  if (why !== null) throw invalid('dataset name', name, why);
  return name as DatasetName;
}

function splitVersion(name: string, separator: '@' | '#', what: string): [DatasetName, string] {
  const at = name.indexOf(separator);
  if (at < 0) throw invalid(what, name, `it has no ${separator}`);
  const dataset = name.slice(0, at);
  const version = name.slice(at + 1);
  const why =
    Buffer.byteLength(name) > maxNameLength
      ? `it is longer than ${maxNameLength} bytes`
      : (whyDatasetInvalid(dataset) ?? whyComponentInvalid(version));
  if (why !== null) throw invalid(what, name, why);
  return [dataset as DatasetName, version];
}

/** Throws `name-invalid`. */
export function parseSnapshotName(name: string): SnapshotName {
  splitVersion(name, '@', 'snapshot name');
  return name as SnapshotName;
}

/** Throws `name-invalid`. */
export function parseBookmarkName(name: string): BookmarkName {
  splitVersion(name, '#', 'bookmark name');
  return name as BookmarkName;
}

/** `dataset@short`. Throws `name-invalid`. */
export function snapshotOf(dataset: DatasetName, short: string): SnapshotName {
  return parseSnapshotName(`${dataset}@${short}`);
}

/** Whether a dataset's name leaves room for a snapshot of that short name. */
export function hasRoomFor(dataset: DatasetName, short: string): boolean {
  return Buffer.byteLength(`${dataset}@${short}`) <= maxNameLength;
}

/** `parent/child`; `child` may hold slashes. Throws `name-invalid`. */
export function childOf(parent: DatasetName, child: string): DatasetName {
  return parseDatasetName(child === '' ? parent : `${parent}/${child}`);
}

/** The dataset of a snapshot or a bookmark. */
export function datasetOf(name: SnapshotName | BookmarkName): DatasetName {
  return name.slice(0, name.search(/[@#]/)) as DatasetName;
}

/** What stands behind the @ or the #. */
export function shortNameOf(name: SnapshotName | BookmarkName): string {
  return name.slice(name.search(/[@#]/) + 1);
}

const userPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;

/** True for what `parseUserName` takes. */
export function isUserName(name: string): boolean {
  return userPattern.test(name) && name !== '.' && name !== '..' && name.length <= 64;
}

/**
 * A user's short name, fit to be one part of a dataset name and a plain word of a remote command.
 * Throws `user-name-invalid`.
 */
export function parseUserName(name: string): string {
  if (isUserName(name)) return name;
  throw new RoamhomeError({
    code: 'user-name-invalid',
    message: `${JSON.stringify(name)} cannot be the name of a roaming user`,
    remedy: 'Use the short name: letters, digits and _ . - only, not starting with . or -, 64 at most.',
  });
}
