/** Counts what a stream of `zfs send` carries, in the terms of zfs's own estimate of it. */
export interface ContentCounter {
  /** The stream's next bytes, cut anywhere. */
  readonly take: (piece: Buffer) => void;
  /**
   * What was carried so far; never falls. When all has been taken it is within 2.3 % of the estimate in all that was measured from
   * 1 MB on (docs/performance.md); of less zfs expects some ten KiB more, for what it keeps of each dataset.
   */
  readonly bytes: () => number;
  /** A stream of several snapshots (`zfs send -I`) holds a stream for each: how many have passed whole, and what of the one under way. */
  readonly inner: () => { readonly ended: number; readonly bytes: number };
}

/** Every record begins with a head of this size (include/sys/zfs_ioctl.h, struct dmu_replay_record). */
const headBytes = 312;

/** The first head of each stream says this, in the byte order of the sender. */
const beginMagic = 0x2_f5ba_cbacn;

const types = { begin: 0, object: 1, write: 3, end: 5, spill: 7, embedded: 8, last: 10 } as const;

/** Where the fields are that say how much follows a head; they come after its type and the length that only `begin` fills. */
const at = {
  type: 0,
  ...{ beginLength: 4, beginMagic: 8, beginVersion: 16 },
  ...{ bonusLength: 28, slots: 34, rawBonusLength: 36 },
  ...{ writeSize: 32, writeCompression: 50, writeCompressedSize: 96 },
  ...{ spillSize: 16, spillCompressedSize: 40 },
  ...{ embeddedSize: 48, embeddedStored: 52 },
} as const;

/** Of the version of a `begin`: it begins the stream of one snapshot, and not one that holds several (include/sys/zfs_ioctl.h, DMU_SUBSTREAM). */
const isOfOneSnapshot = (head: Buffer): boolean => (head.readUInt32LE(at.beginVersion) & 3) === 1;

/** zfs's estimate has a head for each record of this size, however small the blocks are. */
const estimatedRecordBytes = 128 * 1024;

/** What an object takes in the estimate: 512 bytes, which compress to about a quarter unless they are encrypted. */
const objectBytes = { plain: 128, raw: 512 } as const;

/**
 * The estimate is made of what the blocks take, those with the metadata of objects among them; a stream has three heads and
 * more for each file besides, which make half of it where files are tiny, and several times the estimate where few of many
 * have changed (measured on OpenZFS 2.3.2, docs/performance.md). What is no stream that we know counts as it is.
 */
export function countContent(): ContentCounter {
  const head = Buffer.alloc(headBytes);
  let [headed, payload, counted, isFirst, isKnown] = [0, 0, 0, true, true];
  let [ended, innerFrom] = [0, 0];
  let isInside = false;

  /** Reads the head that is whole. */
  const open = (): void => {
    const type = head.readUInt32LE(at.type);
    isKnown = isFirst
      ? type === types.begin && head.readBigUInt64LE(at.beginMagic) === beginMagic
      : type <= types.last;
    isFirst = false;
    const record = isKnown ? readHead(type, head) : { payload: 0, content: headBytes };
    ({ payload } = record);
    if (isKnown && type === types.begin && isOfOneSnapshot(head)) [isInside, innerFrom] = [true, counted];
    counted += record.content;
    if (isKnown && type === types.end && isInside) {
      ended += 1;
      [isInside, innerFrom] = [false, counted];
    }
    headed = 0;
  };

  return {
    take: (piece) => {
      let from = 0;
      while (from < piece.length) {
        if (!isKnown) {
          counted += piece.length - from;
          return;
        }
        const skipped = Math.min(payload, piece.length - from);
        payload -= skipped;
        from += skipped;
        const taken = piece.copy(head, headed, from, from + headBytes - headed);
        headed += taken;
        from += taken;
        if (headed === headBytes) open();
      }
    },
    bytes: () => counted + (isFirst ? headed : 0),
    inner: () => ({ ended, bytes: isInside ? counted - innerFrom : 0 }),
  };
}

/** How many bytes follow a head, and what the record counts for. */
function readHead(type: number, head: Buffer): { readonly payload: number; readonly content: number } {
  switch (type) {
    case types.begin:
      return { payload: head.readUInt32LE(at.beginLength), content: headBytes };
    case types.end:
      return { payload: 0, content: headBytes };
    case types.object: {
      const raw = head.readUInt32LE(at.rawBonusLength);
      const content = raw > 0 ? objectBytes.raw * Math.max(1, head.readUInt8(at.slots)) : objectBytes.plain;
      return { payload: raw > 0 ? raw : aligned(head.readUInt32LE(at.bonusLength)), content };
    }
    case types.write: {
      const size = read64(head, at.writeSize);
      const isCompressed = head.readUInt8(at.writeCompression) !== 0;
      const payload = isCompressed ? read64(head, at.writeCompressedSize) : size;
      return { payload, content: payload + estimatedHead(size) };
    }
    case types.spill: {
      const compressed = read64(head, at.spillCompressedSize);
      const payload = compressed > 0 ? compressed : read64(head, at.spillSize);
      return { payload, content: payload };
    }
    case types.embedded: {
      const payload = aligned(head.readUInt32LE(at.embeddedStored));
      return { payload, content: payload + estimatedHead(head.readUInt32LE(at.embeddedSize)) };
    }
    default:
      return { payload: 0, content: 0 };
  }
}

function read64(head: Buffer, offset: number): number {
  return Number(head.readBigUInt64LE(offset));
}

/** What zfs stores in multiples of 8. */
function aligned(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

function estimatedHead(size: number): number {
  return (headBytes * size) / estimatedRecordBytes;
}
