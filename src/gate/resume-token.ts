import { inflateSync } from 'node:zlib';
import { parseSnapshotName, type SnapshotName } from '../zfs/names.ts';

/** The snapshot that a resumed send would go on with. */
export interface TokenTarget {
  readonly snapshot: SnapshotName;
  readonly guid: bigint;
}

/** Far more than a token of ours: names have 255 bytes. */
const longest = 8192;

/** What a token may hold, by libnvpair's data types: no redaction, no send of a partial receive. */
const fields: Readonly<Record<string, 'boolean' | 'uint64' | 'string'>> = {
  object: 'uint64',
  offset: 'uint64',
  bytes: 'uint64',
  toguid: 'uint64',
  fromguid: 'uint64',
  toname: 'string',
  largeblockok: 'boolean',
  embedok: 'boolean',
  compressok: 'boolean',
  rawok: 'boolean',
};

const dataTypes = { boolean: 1, uint64: 8, string: 9 } as const;

/**
 * Reads the token of `zfs send -t`: `1-CHECKSUM-SIZE-` and in hex a compressed nvlist in the packed form of little-endian machines
 * (OpenZFS 2.3: lib/libzfs/libzfs_sendrecv.c, zfs_send_resume_token_to_nvlist; module/nvpair/nvpair.c, nvs_native). Throws on
 * whatever it does not know, so that zfs cannot read another snapshot in it. The checksum is left to zfs. Pure.
 */
export function readResumeToken(token: string): TokenTarget {
  const [, size = '', payload = ''] =
    /^1-[0-9a-f]{1,16}-([0-9a-f]{1,4})-((?:[0-9a-f]{2})+)$/.exec(token) ?? [];
  const packed = inflateSync(Buffer.from(payload, 'hex'), { maxOutputLength: longest });
  if (packed.length !== Number.parseInt(size, 16)) throw new Error('its size is wrong');
  const found = readPairs(packed);
  const [name, guid] = [found.get('toname'), found.get('toguid')];
  if (typeof name !== 'string' || typeof guid !== 'bigint') throw new Error('it names no snapshot');
  return { snapshot: parseSnapshotName(name), guid };
}

function readPairs(packed: Buffer): ReadonlyMap<string, string | bigint | true> {
  // Native encoding, little-endian, two reserved bytes; version 0; NV_UNIQUE_NAME.
  if (packed.subarray(0, 12).toString('hex') !== '000100000000000001000000')
    throw new Error('its form is unknown');
  const found = new Map<string, string | bigint | true>();
  let at = 12;
  for (let size = packed.readInt32LE(at); size !== 0; at += size, size = packed.readInt32LE(at)) {
    const pair = packed.subarray(at, at + size);
    if (size < 24 || pair.length !== size) throw new Error('it is cut');
    const nameSize = pair.readInt16LE(4);
    const name = textOf(pair.subarray(16, 16 + nameSize));
    const type = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (type === undefined || found.has(name) || pair.readInt32LE(12) !== dataTypes[type])
      throw new Error(`it holds ${JSON.stringify(name)}`);
    found.set(name, valueOf(type, pair.subarray(aligned(16 + nameSize))));
  }
  if (at + 4 !== packed.length) throw new Error('it goes on after its end');
  return found;
}

function valueOf(type: 'boolean' | 'uint64' | 'string', value: Buffer): string | bigint | true {
  switch (type) {
    case 'boolean':
      return true;
    case 'uint64':
      return value.readBigUInt64LE(0);
    case 'string':
      return textOf(value.subarray(0, value.indexOf(0) + 1));
  }
}

/** A C string with the NUL that ends it, and no other. */
function textOf(bytes: Buffer): string {
  if (bytes.length === 0 || bytes.indexOf(0) !== bytes.length - 1) throw new Error('a name in it has no end');
  return bytes.toString('latin1', 0, bytes.length - 1);
}

/** Names and values begin at multiples of 8. */
function aligned(offset: number): number {
  return Math.ceil(offset / 8) * 8;
}
