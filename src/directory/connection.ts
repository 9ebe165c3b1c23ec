import type { Attributes, DirectoryChange } from './change.ts';

/** An entry as it was read. Names of attributes are in small letters. */
export interface DirectoryEntry {
  readonly dn: string;
  readonly attributes: Attributes;
}

/** A search. `filter` as in RFC 4515. */
export interface DirectorySearch {
  readonly base: string;
  /** `entry`: the base itself; `tree`: it and all below. */
  readonly scope: 'entry' | 'tree';
  readonly filter: string;
  readonly attributes: readonly string[];
}

/**
 * A directory to which somebody is bound. Throws `directory-unreachable`, `-untrusted`, `-refused`, `-failed`, and what a
 * method says.
 */
export interface DirectoryConnection {
  /** In any number; none when there is no such base. */
  search(search: DirectorySearch): Promise<readonly DirectoryEntry[]>;
  /** What it came to: `exists` and `changed` are no failures of the directory's, and say that somebody else was first. */
  apply(change: DirectoryChange): Promise<ChangeOutcome>;
  close(): Promise<void>;
}

/**
 * `exists`: what is to be added is there (an entry, or a value). `missing`: the entry is not there. `changed`: a value
 * that was to be deleted is not there any more. Nothing was changed then.
 */
export type ChangeOutcome = 'done' | 'exists' | 'missing' | 'changed';

/** The values of an attribute; none when it is not there. */
export function valuesOf(entry: DirectoryEntry, attribute: string): readonly string[] {
  return entry.attributes[attribute.toLowerCase()] ?? [];
}

/** True when the entry is of the object class. */
export function isOfClass(entry: DirectoryEntry, objectClass: string): boolean {
  return valuesOf(entry, 'objectClass').some((one) => one.toLowerCase() === objectClass.toLowerCase());
}
