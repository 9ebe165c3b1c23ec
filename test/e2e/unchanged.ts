import { expect } from 'vitest';
import { sh, type LabHost } from './lab.ts';

/** What a run that failed, or only looked, must leave as it was; as lines, for a readable difference. */
export interface Side {
  /** Every dataset, snapshot and bookmark with its guid. */
  readonly versions: readonly string[];
  /** Every property that was set or received, and what is delegated; but for what only says how a home lies. */
  readonly properties: readonly string[];
  /** Mounted datasets, with how they are mounted. */
  readonly mounts: readonly string[];
  /** Keys and settings of a Mac, with their modes. */
  readonly files: readonly string[];
  /** Names of lock files: none after a run. */
  readonly locks: readonly string[];
}

const separator = '----';

/** A host as it is now. Asks for `written` too when asked: nothing may write meanwhile. */
export async function sideOf(host: LabHost, options: { readonly written?: boolean } = {}): Promise<Side> {
  const columns =
    options.written === true ? 'name,guid,receive_resume_token,written' : 'name,guid,receive_resume_token';
  const text = await sh(
    host,
    `zpool sync
     zfs list -Hp -t all -o ${columns} -s createtxg -r data
     echo ${separator}
     zfs get -Hp -s local,received -o name,property,value all | grep -v roamhome:unchanged
     zfs allow data/profiles
     echo ${separator}
     grep ' zfs ' /proc/mounts || true
     echo ${separator}
     find /etc/roamhome -type f -printf '%p %m %U ' -exec md5sum {} ';' 2>/dev/null || true
     echo ${separator}
     find /var/run/roamhome/locks -type f 2>/dev/null || true`,
  );
  const [versions, properties, mounts, files, locks] = text
    .split(`${separator}\n`)
    .map((part) => part.split('\n').filter((line) => line !== ''));
  if (versions === undefined || properties === undefined || mounts === undefined) throw new Error(text);
  return { versions, properties, mounts, files: files ?? [], locks: locks ?? [] };
}

/** The side but for new snapshots of the home, which are given back: `name` without the dataset. */
export function expectOnlyNewSnapshots(before: Side, now: Side): readonly string[] {
  const added = now.versions.filter((line) => !before.versions.includes(line));
  expect({ ...now, versions: now.versions.filter((line) => !added.includes(line)) }).toEqual(before);
  return added.map((line) => line.split('\t')[0] ?? '');
}

/** The side as it would be without what an interrupted receive has left to go on with. */
export function withoutPartial(side: Side): Side {
  return { ...side, versions: side.versions.map((line) => line.replace(/\t1-[0-9a-f-]+/, '\t-')) };
}

/** The side but for the record of who is logged in, which each login and logout that reaches the server writes. */
export function withoutRecord(side: Side): Side {
  return { ...side, properties: side.properties.filter((line) => !line.includes('\troamhome:session\t')) };
}
