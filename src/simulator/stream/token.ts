import { deflateSync } from 'node:zlib';
import { readResumeToken } from '../../zfs/resume-token.ts';
import { ZfsFailure } from '../failure.ts';
import type { Partial } from '../model.ts';

/** What a resume token tells. */
export interface Token {
  readonly toguid: string;
  readonly fromguid: string | null;
  readonly toname: string;
  readonly bytes: number;
  /** The letters of the send that it goes on with. */
  readonly flags: readonly string[];
}

/** The first word of fletcher_4_native_varsize (module/zcommon/zfs_fletcher.c): the sum of all whole words of 32 bits. */
function checksumOf(payload: Buffer): string {
  let sum = 0n;
  for (let at = 0; at + 4 <= payload.length; at += 4) sum += BigInt(payload.readUInt32LE(at));
  return sum.toString(16);
}

/** Bytes up to the next multiple of 8. */
function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((8 - (bytes.length % 8)) % 8)]);
}

/** A pair of a packed nvlist: size, size of the name, number of values, type, name, value (module/nvpair/nvpair.c). */
function pack(name: string, value: string | bigint | true): Buffer {
  const header = Buffer.alloc(16);
  const number = Buffer.alloc(8);
  if (typeof value === 'bigint') number.writeBigUInt64LE(value);
  const type = value === true ? 1 : typeof value === 'bigint' ? 8 : 9;
  const packedName = padded(Buffer.concat([header, Buffer.from(`${name}\0`)]));
  const packedValue =
    value === true
      ? Buffer.alloc(0)
      : typeof value === 'bigint'
        ? number
        : padded(Buffer.from(`${value}\0`, 'latin1'));
  const pair = Buffer.concat([packedName, packedValue]);
  pair.writeInt32LE(pair.length, 0);
  pair.writeInt16LE(name.length + 1, 4);
  pair.writeInt32LE(value === true ? 0 : 1, 8);
  pair.writeInt32LE(type, 12);
  return pair;
}

const flagNames = { L: 'largeblockok', e: 'embedok', c: 'compressok', w: 'rawok' } as const;

/** The token of a partial receive, as a little-endian OpenZFS makes it. */
export function encodeToken({ toguid, fromguid, toname, bytes, flags }: Pick<Partial, keyof Token>): string {
  const packed = Buffer.concat([
    Buffer.from('000100000000000001000000', 'hex'),
    ...(fromguid === null ? [] : [pack('fromguid', BigInt(fromguid))]),
    pack('object', 1n),
    pack('offset', BigInt(bytes)),
    pack('bytes', BigInt(bytes)),
    pack('toguid', BigInt(toguid)),
    pack('toname', toname),
    ...(['L', 'e', 'c', 'w'] as const)
      .filter((letter) => flags.includes(letter))
      .map((letter) => pack(flagNames[letter], true)),
    Buffer.alloc(4),
  ]);
  const payload = deflateSync(packed);
  return `1-${checksumOf(payload)}-${packed.length.toString(16)}-${payload.toString('hex')}`;
}

/** Throws zfs's `resume token is corrupt`. */
export function decodeToken(token: string): Token {
  const corrupt = (why: string): ZfsFailure =>
    new ZfsFailure(`cannot resume send: resume token is corrupt (${why})`, 255);
  const [version, checksum, size, payload] = token.split('-');
  if (version !== '1' || payload === undefined || size === undefined) throw corrupt('invalid format');
  if (!/^([0-9a-f]{2})*$/.test(payload)) throw corrupt('payload is not hex-encoded');
  if (checksum !== checksumOf(Buffer.from(payload, 'hex'))) throw corrupt('incorrect checksum');
  try {
    const { toName, toGuid, fromGuid, bytes, flags } = readResumeToken(token);
    const fromguid = fromGuid === null ? null : fromGuid.toString();
    return { toguid: toGuid.toString(), fromguid, toname: toName, bytes: Number(bytes), flags };
  } catch {
    // zfs says it of what cannot be unpacked too.
    throw corrupt('decompression failed');
  }
}

/** As `zfs send -v -t` prints it. */
export function tokenContents(token: Token): string {
  const hex = (value: string | number): string => `0x${BigInt(value).toString(16)}`;
  return [
    'resume token contents:',
    'nvlist version: 0',
    ...(token.fromguid === null ? [] : [`\tfromguid = ${hex(token.fromguid)}`]),
    '\tobject = 0x1',
    `\toffset = ${hex(token.bytes)}`,
    `\tbytes = ${hex(token.bytes)}`,
    `\ttoguid = ${hex(token.toguid)}`,
    `\ttoname = ${token.toname}`,
    ...(token.flags.includes('e') ? ['\tembedok = 1'] : []),
    ...(token.flags.includes('c') ? ['\tcompressok = 1'] : []),
    ...(token.flags.includes('w') ? ['\trawok = 1'] : []),
    '',
  ].join('\n');
}
