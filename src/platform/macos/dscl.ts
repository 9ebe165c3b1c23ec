import type { Argv, CommandResult } from '../../host/host.ts';
import { directoryRemedy, unexpectedResult } from '../command-error.ts';
import type { Account } from '../platform.ts';

// dscl: 56 with this text means that the record does not exist; 56 alone may be another failure of the directory.
const missingRecord = 56;

/** Reads attributes as dscl prints them: `Key: value`, or `Key:` with the value on the following, indented lines. */
export function parseAttributes(stdout: string): ReadonlyMap<string, string> | null {
  const attributes = new Map<string, string>();
  let open: string | null = null;
  for (const line of stdout.split('\n')) {
    if (line === '') continue;
    if (line.startsWith(' ')) {
      if (open === null) return null;
      const before: string = attributes.get(open) ?? '';
      attributes.set(open, before === '' ? line.slice(1) : `${before}\n${line.slice(1)}`);
      continue;
    }
    // Native attributes have a colon in their key: `dsAttrTypeNative:key: value`.
    const match = /^([A-Za-z]+(?::[A-Za-z0-9_.-]+)?):(?: (.*))?$/.exec(line);
    if (match?.[1] === undefined) return null;
    attributes.set(match[1], match[2] ?? '');
    open = match[2] === undefined ? match[1] : null;
  }
  return attributes;
}

/** The question for a user, put to the search policy: local users and those of LDAP and Active Directory. */
export function accountArgv(user: string): Argv {
  return [
    'dscl',
    '/Search',
    '-read',
    `/Users/${user}`,
    'RecordName',
    'UniqueID',
    'PrimaryGroupID',
    'NFSHomeDirectory',
  ];
}

/**
 * Reads the answer to accountArgv. The name is the record's own, its first: dscl finds a record by each of its names, in any
 * case, and a home is that of one name. Null when there is no such user. Throws `command-failed`.
 */
export function parseAccount(argv: Argv, result: CommandResult, name: string): Account | null {
  if (result.exitCode === missingRecord && (result.stderr + result.stdout).includes('eDSRecordNotFound'))
    return null;
  const attributes = result.exitCode === 0 ? parseAttributes(result.stdout) : null;
  const [uid, gid] = [attributes?.get('UniqueID'), attributes?.get('PrimaryGroupID')];
  // A missing attribute is "No such key: K" on stderr with exit code 0. System accounts have negative ids.
  if (uid === undefined || gid === undefined || !/^-?\d{1,10}$/.test(uid) || !/^-?\d{1,10}$/.test(gid)) {
    throw unexpectedResult(argv, result, directoryRemedy);
  }
  const [own = name] = attributes?.get('RecordName')?.split(/[\s]+/) ?? [];
  const home = attributes?.get('NFSHomeDirectory') ?? '';
  return { name: own, uid: Number(uid), gid: Number(gid), ...(home !== '' && { home }) };
}
