import { headBytes, readStreamHead } from './stream-head.ts';

/** What the next bytes of a package are. */
export type Piece =
  /** The head of a stream in it; what follows it until `end` is its. */
  | { readonly kind: 'head'; readonly bytes: Buffer }
  | { readonly kind: 'data'; readonly bytes: Buffer }
  /** The last record of the stream. */
  | { readonly kind: 'end'; readonly bytes: Buffer }
  /** The package is whole. */
  | { readonly kind: 'whole' };

/** Takes a package apart, piece by piece as it comes in. */
export interface Splitter {
  /** The stream's next bytes, cut anywhere, from behind the package's head on. Throws on what no package has there. */
  readonly take: (bytes: Buffer) => Generator<Piece, void>;
}

const types = { begin: 0, object: 1, write: 3, end: 5, spill: 7, embedded: 8, last: 10 } as const;

/** Where a head says how much follows it (include/sys/zfs_ioctl.h, DRR_*_PAYLOAD_SIZE). */
const at = {
  ...{ type: 0, beginLength: 4 },
  ...{ bonusLength: 28, rawBonusLength: 36 },
  ...{ writeSize: 32, writeCompression: 50, writeCompressedSize: 96 },
  ...{ spillSize: 16, spillCompressedSize: 40 },
  embeddedStored: 52,
} as const;

/** Far above a block (SPA_MAXBLOCKSIZE, 16 MiB) and what keys and the places of a resumed stream take. */
const longestPayload = 64 * 1024 * 1024;

/**
 * A package of `zfs send -I` is: its head, an `end`, then stream for stream from its head to its `end`, then one `end` more
 * (libzfs_sendrecv.c, zfs_send). Each stream has its own byte order.
 */
export function splitPackage(): Splitter {
  const record = Buffer.alloc(headBytes);
  let [filled, payload] = [0, 0];
  let state: 'before' | 'between' | 'inside' | 'whole' = 'before';
  let isLittle = true;

  /** What a record that has come whole is. */
  function* open(): Generator<Piece, void> {
    const head = Buffer.from(record);
    filled = 0;
    const isEnd = head.readUInt32LE(at.type) === types.end || head.readUInt32BE(at.type) === types.end;
    if (state === 'before') {
      if (!isEnd) throw new Error('the package goes on behind its head');
      state = 'between';
    } else if (state === 'between') {
      if (isEnd) {
        state = 'whole';
        yield { kind: 'whole' };
        return;
      }
      const stream = readStreamHead(head);
      if (stream === null) throw new Error('no zfs stream follows in the package');
      isLittle = stream.isLittleEndian;
      payload = stream.payloadBytes;
      if (payload > longestPayload) throw new Error('a record is longer than any of zfs');
      state = 'inside';
      yield { kind: 'head', bytes: head };
    } else {
      const type = isLittle ? head.readUInt32LE(at.type) : head.readUInt32BE(at.type);
      payload = payloadOf(type, head, isLittle);
      if (type === types.end) state = 'between';
      yield { kind: type === types.end ? 'end' : 'data', bytes: head };
    }
  }

  return {
    *take(bytes) {
      let from = 0;
      while (from < bytes.length && state !== 'whole') {
        if (payload > 0) {
          const piece = bytes.subarray(from, from + payload);
          payload -= piece.length;
          from += piece.length;
          yield { kind: 'data', bytes: piece };
        } else {
          const taken = bytes.copy(record, filled, from, from + headBytes - filled);
          filled += taken;
          from += taken;
          if (filled === headBytes) yield* open();
        }
      }
    },
  };
}

function payloadOf(type: number, head: Buffer, isLittle: boolean): number {
  const read32 = (offset: number): number =>
    isLittle ? head.readUInt32LE(offset) : head.readUInt32BE(offset);
  const read64 = (offset: number): number =>
    Number(isLittle ? head.readBigUInt64LE(offset) : head.readBigUInt64BE(offset));
  const length = ((): number => {
    switch (type) {
      case types.object: {
        const raw = read32(at.rawBonusLength);
        return raw > 0 ? raw : aligned(read32(at.bonusLength));
      }
      case types.write:
        return read64(head.readUInt8(at.writeCompression) === 0 ? at.writeSize : at.writeCompressedSize);
      case types.spill: {
        const compressed = read64(at.spillCompressedSize);
        return compressed > 0 ? compressed : read64(at.spillSize);
      }
      case types.embedded:
        return aligned(read32(at.embeddedStored));
      default:
        if (type === types.begin || type > types.last) throw new Error('a record is of no kind that zfs has');
        return 0;
    }
  })();
  if (length > longestPayload) throw new Error('a record is longer than any of zfs');
  return length;
}

/** What zfs stores in multiples of 8. */
function aligned(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}
