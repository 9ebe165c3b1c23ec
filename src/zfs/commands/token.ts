import type { Argv } from '../../host/host.ts';
import type { Guid, ResumeToken, SnapshotName } from '../names.ts';
import { outputUnknown } from '../parse.ts';
import type { SendFlags } from './stream.ts';

/** What a resume token is about. */
export interface TokenContents {
  readonly toGuid: Guid;
  /** As the sender called it; for people, and never to be said in a command. */
  readonly toName: SnapshotName;
  /** null: the stream is a full one. */
  readonly fromGuid: Guid | null;
  /** Bytes of the stream that have arrived already. */
  readonly bytes: bigint;
  /** What kind of stream it is the token of: of `Lec` zfs notes those letters alone that the stream made use of. */
  readonly flags: SendFlags;
}

/** Works on either side; where the snapshot is not at hand it prints the contents and then exits 1. */
export function decodeTokenArgv(token: ResumeToken): Argv {
  return ['zfs', 'send', '-n', '-v', '-t', token];
}

/** `null` when the output holds no contents: the token is corrupt, or of another version of ZFS. */
export function parseTokenContents(output: string): TokenContents | null {
  if (!output.includes('resume token contents:')) return null;
  const number = (field: string): bigint | null => {
    const match = new RegExp(`^\\t${field} = (0x[0-9a-f]+)$`, 'm').exec(output);
    return match?.[1] === undefined ? null : BigInt(match[1]);
  };
  const toGuid = number('toguid');
  const bytes = number('bytes');
  const toName = /^\ttoname = (\S.*@.+)$/m.exec(output)?.[1];
  if (toGuid === null || bytes === null || toName === undefined)
    throw outputUnknown('token contents', output);
  const fromGuid = number('fromguid');
  return {
    toGuid: toGuid.toString() as Guid,
    toName: toName as SnapshotName,
    fromGuid: fromGuid === null || fromGuid === 0n ? null : (fromGuid.toString() as Guid),
    bytes,
    flags: flagsOf(output),
  };
}

function flagsOf(output: string): SendFlags {
  const has = (field: string): boolean => new RegExp(`^\\t${field} = 1$`, 'm').test(output);
  if (has('rawok')) return 'w';
  return has('compressok') || has('largeblockok') || has('embedok') ? 'Lec' : '';
}
