import { flagsProperty } from '../sync/properties.ts';
import type { DatasetName, SnapshotName } from '../zfs/names.ts';
import { readResumeToken, type ResumeTokenFields } from '../zfs/resume-token.ts';

/** What a command that passed the gate is to receive. */
export interface Receive {
  readonly target: DatasetName;
  /** The name that the stream's snapshot is stored under; null: that which the stream has. */
  readonly short: string | null;
  /** Of `-o origin=`. */
  readonly origin: SnapshotName | null;
  /** Whether any `-o` is there: zfs gives that to the first of several streams only. */
  readonly hasOptions: boolean;
  /** The home that the target is, lies below or is a branch of. */
  readonly home: DatasetName;
  /** Of `-o roamhome:sendflags=`, which the first stream of a home comes with. */
  readonly sendFlags: string | null;
}

/** What zfs says of the target, before it sees the stream. */
export interface Target {
  readonly isThere: boolean;
  /** Names by guid. */
  readonly snapshots: ReadonlyMap<bigint, string>;
  /** Of the receive that was cut; 'unknown': of one that Roamhome did not begin. */
  readonly partial: ResumeTokenFields | 'unknown' | null;
  /** null: there is no such snapshot, or none was named. */
  readonly originGuid: bigint | null;
  /** null: it is not there. */
  readonly home: { readonly sendFlags: string; readonly isEncrypted: boolean } | null;
}

/** One command for all that a stream is judged by. Of the home's and the target's user properties only the one that the gate lets be set. */
export function targetArgv({ target, origin, home }: Receive): readonly string[] {
  const columns = `name,guid,encryption,receive_resume_token,${flagsProperty}`;
  const names = [target, ...(home === target ? [] : [home]), ...(origin === null ? [] : [origin])];
  const types = 'filesystem,volume,snapshot';
  return ['list', '-Hp', '-d', '1', '-t', types, '-o', columns, ...names];
}

/** The lines that `zfs list` prints for those of the names that are not there: not a failure, but the answer. */
export function isOnlyMissing(stderr: string): boolean {
  return stderr
    .split('\n')
    .every((line) => line === '' || /^cannot open '[^']+': dataset does not exist$/.test(line));
}

interface Row {
  readonly guid: string;
  readonly encryption: string;
  readonly token: string;
  readonly sendFlags: string;
}

/**
 * Reads what `targetArgv` prints. A property's value may hold line breaks, so that a line may be anybody's: what would
 * tell twice of one dataset, or is not understood where it counts, throws. Pure.
 */
export function readTarget(stdout: string, { target, origin, home }: Receive): Target {
  const rows = new Map<string, Row>();
  const snapshots = new Map<bigint, string>();
  for (const line of stdout.split('\n')) {
    const [name = '', guid = '', encryption = '', token = '', ...rest] = line.split('\t');
    const isOfTarget = name.startsWith(`${target}@`);
    if (!isOfTarget && name !== target && name !== home && name !== origin) continue;
    if (rows.has(name)) throw new Error(`zfs tells of ${name} twice`);
    if (!/^\d{1,20}$/.test(guid)) throw new Error(`the guid of ${name} cannot be read`);
    rows.set(name, { guid, encryption, token, sendFlags: rest.join('\t') });
    if (isOfTarget) snapshots.set(BigInt(guid), name);
  }
  const [here, there] = [rows.get(target), rows.get(home)];
  const originGuid = origin === null ? undefined : rows.get(origin)?.guid;
  return {
    isThere: here !== undefined,
    snapshots,
    partial: here === undefined || here.token === '-' ? null : partialOf(here.token),
    originGuid: originGuid === undefined ? null : BigInt(originGuid),
    home:
      there === undefined
        ? null
        : { sendFlags: known(there.sendFlags, home), isEncrypted: there.encryption !== 'off' },
  };
}

/** The target once a snapshot of it has come. Pure. */
export function withSnapshot(target: Target, guid: bigint, name: string): Target {
  return {
    ...target,
    isThere: true,
    partial: null,
    snapshots: new Map([...target.snapshots, [guid, name]]),
  };
}

function partialOf(token: string): ResumeTokenFields | 'unknown' {
  try {
    return readResumeToken(token);
  } catch {
    return 'unknown';
  }
}

function known(flags: string, home: string): string {
  if (!['-', 'none', 'Lec', 'w'].includes(flags))
    throw new Error(`${flagsProperty} of ${home} is none that Roamhome knows`);
  return flags;
}
