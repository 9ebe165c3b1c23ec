import { inflateSync } from 'node:zlib';
import { parseSnapshotName, type SnapshotName } from './names.ts';

/** What a resume token says of the send that it goes on with. */
export interface ResumeTokenFields {
  readonly toName: SnapshotName;
  readonly toGuid: bigint;
  /** null: the stream is a full one. */
  readonly fromGuid: bigint | null;
  /** Of the stream, that have arrived. */
  readonly bytes: bigint;
  /** The letters of `zfs send` that it was begun with. */
  readonly flags: readonly string[];
}

/** Far more than a token of ours has when it is unpacked: names have 255 bytes. */
const longest = 8192;

/** libnvpair's numbers. */
const dataTypes = { boolean: 1, uint64: 8, string: 9 } as const;
type DataType = keyof typeof dataTypes;
type Value = string | bigint | true;

/** What a token may hold: not a redacted stream, nor one of what was itself received in part. */
const fields: ReadonlyMap<string, DataType> = new Map([
  ['toname', 'string'],
  ['toguid', 'uint64'],
  ['fromguid', 'uint64'],
  ['object', 'uint64'],
  ['offset', 'uint64'],
  ['bytes', 'uint64'],
  ['largeblockok', 'boolean'],
  ['embedok', 'boolean'],
  ['compressok', 'boolean'],
  ['rawok', 'boolean'],
]);

const flagFields: ReadonlyMap<string, string> = new Map([
  ['largeblockok', 'L'],
  ['embedok', 'e'],
  ['compressok', 'c'],
  ['rawok', 'w'],
]);

/**
 * Reads a token: `1-CHECKSUM-SIZE-` and, in hex, a compressed nvlist as little-endian machines pack it (OpenZFS 2.3:
 * lib/libzfs/libzfs_sendrecv.c, zfs_send_resume_token_to_nvlist; module/nvpair/nvpair.c, nvs_native). Throws on whatever
 * it does not know, so that zfs cannot read something else in it. The checksum is left to zfs. Pure.
 */
export function readResumeToken(token: string): ResumeTokenFields {
  const [, size = '', payload = ''] =
    /^1-[0-9a-f]{1,16}-([0-9a-f]{1,4})-((?:[0-9a-f]{2})+)$/.exec(token) ?? [];
  const packed = inflateSync(Buffer.from(payload, 'hex'), { maxOutputLength: longest });
  if (packed.length !== Number.parseInt(size, 16)) throw new Error('the resume token has another size');
  const found = readPairs(packed);
  const number = (name: string): bigint | undefined => {
    const value = found.get(name);
    return typeof value === 'bigint' ? value : undefined;
  };
  const [toName, toGuid, fromGuid] = [found.get('toname'), number('toguid'), number('fromguid')];
  if (typeof toName !== 'string' || toGuid === undefined)
    throw new Error('the resume token names no snapshot');
  return {
    toName: parseSnapshotName(toName),
    toGuid,
    fromGuid: fromGuid === 0n ? null : (fromGuid ?? null),
    bytes: number('bytes') ?? 0n,
    flags: [...flagFields].filter(([name]) => found.has(name)).map(([, letter]) => letter),
  };
}

function readPairs(packed: Buffer): ReadonlyMap<string, Value> {
  // Native encoding, little-endian, two reserved bytes; version 0; NV_UNIQUE_NAME.
  if (packed.toString('hex', 0, 12) !== '000100000000000001000000')
    throw new Error('the resume token is packed in an unknown way');
  const found = new Map<string, Value>();
  let at = 12;
  for (let size = packed.readInt32LE(at); size !== 0; at += size, size = packed.readInt32LE(at)) {
    const pair = packed.subarray(at, at + size);
    if (size < 24 || pair.length !== size) throw new Error('the resume token is cut');
    const nameEnd = 16 + pair.readInt16LE(4);
    const name = textOf(pair.subarray(16, nameEnd));
    const type = fields.get(name);
    if (type === undefined || found.has(name) || pair.readInt32LE(12) !== dataTypes[type])
      throw new Error(`the resume token holds ${JSON.stringify(name)}`);
    found.set(name, valueOf(type, pair.subarray(aligned(nameEnd))));
  }
  if (at + 4 !== packed.length) throw new Error('the resume token goes on after its end');
  return found;
}

function valueOf(type: DataType, value: Buffer): Value {
  switch (type) {
    case 'boolean':
      return true;
    case 'uint64':
      return value.readBigUInt64LE(0);
    case 'string':
      return textOf(value.subarray(0, value.indexOf(0) + 1));
  }
}

/** A C string: with the NUL that ends it, and no other. */
function textOf(bytes: Buffer): string {
  if (bytes.length === 0 || bytes.indexOf(0) !== bytes.length - 1)
    throw new Error('a name in the resume token has no end');
  return bytes.toString('latin1', 0, bytes.length - 1);
}

/** Names and values begin at multiples of 8. */
function aligned(offset: number): number {
  return Math.ceil(offset / 8) * 8;
}
