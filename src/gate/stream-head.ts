/** The first record of a stream: what `zfs receive` decides by (include/sys/zfs_ioctl.h, struct dmu_replay_record). */
export interface StreamHead {
  /** It announces several streams (`zfs send -I`, -p, -R), each with a head of its own. */
  readonly isPackage: boolean;
  readonly isLittleEndian: boolean;
  /** Bytes that follow the head: in a package, properties and what else is to be set. */
  readonly payloadBytes: number;
  /** Seconds since 1970, by the clock of who made the snapshot. */
  readonly creation: bigint;
  /** 2: a filesystem, 3: a volume (enum dmu_objset_type). */
  readonly objset: number;
  /** zfs is to find the dataset that this one is a clone of, by the incremental source's guid. */
  readonly isClone: boolean;
  readonly isRaw: boolean;
  readonly isResumed: boolean;
  readonly isRedacted: boolean;
  readonly toGuid: bigint;
  /** 0: a full stream. */
  readonly fromGuid: bigint;
  /** `dataset@snapshot` on the sender, in whatever bytes it has. */
  readonly toName: string;
}

/** Every record begins with a head of this size. */
export const headBytes = 312;

/** DMU_BACKUP_MAGIC, which also tells the byte order. */
const magic = 0x2_f5ba_cbacn;

const at = {
  ...{ type: 0, payloadBytes: 4, magic: 8, version: 16, creation: 24, objset: 32, flags: 36 },
  ...{ toGuid: 40, fromGuid: 48, toName: 56 },
} as const;

/** The two low bits of the version (DMU_SUBSTREAM, DMU_COMPOUNDSTREAM). */
const kinds = { single: 1n, package: 2n } as const;

/** Bits of the version from its third on (DMU_BACKUP_FEATURE_*). */
const features = { resuming: 1n << 20n, redacted: 1n << 21n, raw: 1n << 24n } as const;

/** DRR_FLAG_CLONE. */
const cloneFlag = 1;

/** Reads the head of a stream, in either byte order; null: no stream of zfs begins so. Pure. */
export function readStreamHead(bytes: Buffer): StreamHead | null {
  if (bytes.length !== headBytes) return null;
  const isLittleEndian = bytes.readBigUInt64LE(at.magic) === magic;
  if (!isLittleEndian && bytes.readBigUInt64BE(at.magic) !== magic) return null;
  const read32 = (offset: number): number =>
    isLittleEndian ? bytes.readUInt32LE(offset) : bytes.readUInt32BE(offset);
  const read64 = (offset: number): bigint =>
    isLittleEndian ? bytes.readBigUInt64LE(offset) : bytes.readBigUInt64BE(offset);
  const version = read64(at.version);
  const kind = version & 3n;
  // `drr_versioninfo` has the features above its two lowest bits.
  const has = (feature: bigint): boolean => ((version >> 2n) & feature) !== 0n;
  const nameEnd = bytes.indexOf(0, at.toName);
  if (read32(at.type) !== 0 || (kind !== kinds.single && kind !== kinds.package) || nameEnd < 0) return null;
  return {
    isPackage: kind === kinds.package,
    isLittleEndian,
    payloadBytes: read32(at.payloadBytes),
    creation: read64(at.creation),
    objset: read32(at.objset),
    isClone: (read32(at.flags) & cloneFlag) !== 0,
    isRaw: has(features.raw),
    isResumed: has(features.resuming),
    isRedacted: has(features.redacted),
    toGuid: read64(at.toGuid),
    fromGuid: read64(at.fromGuid),
    toName: bytes.toString('latin1', at.toName, nameEnd),
  };
}
