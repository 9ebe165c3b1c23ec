import { parseFolders } from '../homes/mount/excluded-folders.ts';
import { isKeptHereByName } from '../sync/kept-here.ts';
import {
  conflictProperty,
  excludedProperty,
  flagsProperty,
  sessionProperty,
  syncProperty,
} from '../sync/properties.ts';
import { parseSessionRecord } from '../homes/presence/session-record.ts';
import {
  datasetOf,
  parseBookmarkName,
  parseDatasetName,
  parseSnapshotName,
  shortNameOf,
  type DatasetName,
  type SnapshotName,
} from '../zfs/names.ts';
import { readResumeToken, type ResumeTokenFields } from '../zfs/resume-token.ts';
import { allowsUser, isWithin, type Policy } from './policy.ts';

/** What a word was found to be about. */
export interface Meaning {
  /** Whose home or branch; left out: that is not looked at. */
  readonly user?: string;
  /** Of a token: what zfs is to be asked before. */
  readonly token?: ResumeTokenFields;
  /** Of what is received into. */
  readonly target?: { readonly dataset: DatasetName; readonly short: string | null };
  /** What is received is to be a clone of it. */
  readonly origin?: SnapshotName;
}

/** What a word stands for in a form: its meaning for a key; throws with why it may not stand there. */
type Judge = (word: string, policy: Policy) => Meaning;

const judges: Readonly<Record<string, Judge>> = {
  COLUMNS: (word) => {
    const unknown = word.split(',').find((column) => !columns.has(column));
    if (unknown !== undefined) throw new Error(`${unknown} is no property that Roamhome reads`);
    return {};
  },
  ROOT: (word, policy) => {
    if (!isRoot(word, policy)) throw new Error(`${word} is neither ${policy.homes} nor ${policy.conflicts}`);
    return {};
  },
  // The roots themselves too: conflicts are looked for in the list of all.
  PLACE: (word, policy) => (isRoot(word, policy) ? {} : readable(parseDatasetName(word), policy)),
  SNAPSHOT: (word, policy) => readable(datasetOf(parseSnapshotName(word)), policy),
  VERSION: (word, policy) =>
    readable(datasetOf(word.includes('#') ? parseBookmarkName(word) : parseSnapshotName(word)), policy),
  TOKEN: (word, policy) => {
    const token = readResumeToken(word);
    readable(datasetOf(token.toName), policy);
    return { token };
  },
  HOME: (word, policy) => {
    const user = homeUser(parseDatasetName(word), policy);
    if (word !== `${policy.homes}/${user}`) throw new Error(`${word} lies below a home`);
    return { user };
  },
  // What makes a home, which knows from its first byte on what it is sent with.
  FIRST: (word, policy) => {
    const target = targetOf(word);
    const user = homeUser(target.dataset, policy);
    if (target.dataset !== `${policy.homes}/${user}`) throw new Error(`${word} lies below a home`);
    return { user, target };
  },
  // On top of a snapshot whose name no command can say; the name is that one's guid.
  COVER: (word, policy) => {
    const name = parseSnapshotName(word);
    if (!/^roamhome-as-\d{1,20}$/.test(shortNameOf(name)))
      throw new Error(`${word} is no name for what Roamhome snapshots here`);
    return { user: homeUser(datasetOf(name), policy) };
  },
  TARGET: (word, policy) => {
    const target = targetOf(word);
    const isHome = isWithin(target.dataset, policy.homes);
    return { user: isHome ? homeUser(target.dataset, policy) : branchUser(target.dataset, policy), target };
  },
  BRANCH: (word, policy) => {
    const target = targetOf(word);
    return { user: branchUser(target.dataset, policy), target };
  },
  BRANCHING: (word, policy) => {
    const [property, value] = assignment(word);
    switch (property) {
      case 'origin': {
        const origin = parseSnapshotName(value);
        return { user: homeUser(datasetOf(origin), policy), origin };
      }
      case conflictProperty:
        return { user: allowed(value, policy) };
      default:
        throw new Error(`a branch is not received with ${word}`);
    }
  },
  SETTING: (word, policy) => {
    const [property, value] = assignment(word);
    switch (property) {
      case sessionProperty:
        judgeSession(value, policy);
        return {};
      case flagsProperty:
        if (sendFlags.has(value)) return {};
        break;
      case excludedProperty:
        judgeFolders(value);
        return {};
    }
    throw new Error(`${word} is not Roamhome's to set`);
  },
};

/** The judge of a slot; null for a word of a form that stands for itself. */
export function judgeOf(formWord: string): Judge | null {
  return judges[formWord.replace('…', '')] ?? null;
}

const sendFlags: ReadonlySet<string> = new Set(['none', 'Lec', 'w']);

const columns: ReadonlySet<string> = new Set([
  'name',
  'type',
  'guid',
  'createtxg',
  'creation',
  'written',
  'used',
  'snapshots_changed',
  'receive_resume_token',
  'origin',
  'mounted',
  'mountpoint',
  'canmount',
  'readonly',
  syncProperty,
  flagsProperty,
  sessionProperty,
  conflictProperty,
  excludedProperty,
]);

function isRoot(word: string, { homes, conflicts }: Policy): boolean {
  return word === homes || word === conflicts;
}

function assignment(word: string): readonly [property: string, value: string] {
  const [property = ''] = word.split('=', 1);
  return [property, word.slice(property.length + 1)];
}

function judgeSession(value: string, { mac }: Policy): void {
  const record = parseSessionRecord(value);
  if (record?.kind !== 'known') throw new Error(`${value} is no record of a session`);
  if (record.macName !== mac)
    throw new Error(`a session on ${record.macName} is not to be recorded with the key of ${mac}`);
}

function judgeFolders(value: string): void {
  const [wrong] = value === '' || value === '-' ? [value] : parseFolders(value).wrong;
  if (wrong !== undefined) throw new Error(`${JSON.stringify(wrong)} is no folder of a home`);
}

/** What is received into: a dataset, or a snapshot of it by name. */
function targetOf(word: string): { readonly dataset: DatasetName; readonly short: string | null } {
  const name = word.includes('@') ? parseSnapshotName(word) : null;
  const dataset = name === null ? parseDatasetName(word) : datasetOf(name);
  // Every Mac would want to put its own there.
  if (isKeptHereByName(dataset)) throw new Error(`${word} has the name of a folder that stays on each Mac`);
  return { dataset, short: name === null ? null : shortNameOf(name) };
}

/** The first part of a dataset's name below a root. */
function partBelow(dataset: string, root: string): string | null {
  return dataset !== root && isWithin(dataset, root)
    ? (dataset.slice(root.length + 1).split('/', 1)[0] ?? null)
    : null;
}

function allowed(user: string, policy: Policy): string {
  if (!allowsUser(policy, user)) throw new Error(`${user} is no user of this key`);
  return user;
}

function homeUser(dataset: string, policy: Policy): string {
  const user = partBelow(dataset, policy.homes);
  if (user === null) throw new Error(`${dataset} is not below ${policy.homes}`);
  return allowed(user, policy);
}

/** `alice-mac7-20261120T064500Z`, and `-GUID` behind it where that was taken. */
function ownersOf(dataset: string, policy: Policy): string {
  const name = partBelow(dataset, policy.conflicts) ?? '';
  const [, owners] = /^(.+)-\d{8}T\d{6}Z(?:-\d{1,20})?$/.exec(name) ?? [];
  if (owners === undefined) throw new Error(`${dataset} is no home and no conflict`);
  return owners;
}

/** Whose branch it is, of those that are the key's Mac's. */
function branchUser(dataset: string, policy: Policy): string {
  const [owners, mac] = [ownersOf(dataset, policy), `-${policy.mac}`];
  if (!owners.endsWith(mac)) throw new Error(`${dataset} is no conflict of ${policy.mac}`);
  return allowed(owners.slice(0, -mac.length), policy);
}

/** Homes, and the branches of any Mac. */
function readable(dataset: string, policy: Policy): Meaning {
  if (isWithin(dataset, policy.homes)) return { user: homeUser(dataset, policy) };
  const owners = ownersOf(dataset, policy);
  // A dash may be part of a user's name or of a Mac's: which of them is whose, the name alone does not tell.
  const names = Array.from(owners.matchAll(/-/g), ({ index }) => owners.slice(0, index));
  if (!names.some((name) => allowsUser(policy, name)))
    throw new Error(`${dataset} belongs to no user of this key`);
  return {};
}
