// Streams of zfs that no zfs would make: what stands in the heads is changed, and the checksums are made right again. All that a
// client who has a key needs to make them too.

/** What of a head is to be otherwise. */
export interface Forged {
  /** Only of streams of one snapshot, not of a package's own head. */
  readonly single?: Partial<HeadFields>;
  /** Of a package's own head. */
  readonly package?: Partial<HeadFields>;
}

interface HeadFields {
  readonly creation: bigint;
  readonly objset: number;
  /** Bits that are set besides. */
  readonly flags: number;
  /** Bits of the version that are set besides. */
  readonly features: bigint;
  readonly toGuid: bigint;
  readonly fromGuid: bigint;
  readonly toName: string;
}

const headBytes = 312;
/** Of each record but the first, the last 32 bytes of its head are the checksum of all before. */
const checksumAt = 280;
const begin = 0;
const end = 5;

/** DRR_FLAG_CLONE. */
export const cloneFlag = 1;
/** DMU_BACKUP_FEATURE_*, where they lie in the version. */
export const features = { resuming: 1n << 22n, redacted: 1n << 23n, raw: 1n << 26n } as const;

/** Changes the heads of a little-endian stream, single or a package, and computes its checksums anew. */
export function forgeStream(stream: Buffer, forged: Forged): Buffer {
  const forger = new Forger(forged);
  const parts: Buffer[] = [];
  for (let at = 0; at + headBytes <= stream.length;) {
    const head = Buffer.from(stream.subarray(at, at + headBytes));
    at += headBytes;
    const payload = stream.subarray(at, at + payloadOf(head));
    at += payload.length;
    parts.push(forger.record(head, payload), payload);
  }
  return Buffer.concat(parts);
}

/** The head that a single stream has, in the other byte order: as a big-endian machine would have made it. */
export function swapHead(head: Buffer): Buffer {
  const swapped = Buffer.from(head);
  for (const at of [0, 4, 32, 36]) swapped.subarray(at, at + 4).swap32();
  for (const at of [8, 16, 24, 40, 48]) swapped.subarray(at, at + 8).swap64();
  return swapped;
}

/** Writes fields into the head of a stream, in place; checksums are not looked at. */
export function patchHead(head: Buffer, fields: Partial<HeadFields>): void {
  if (fields.creation !== undefined) head.writeBigUInt64LE(fields.creation, 24);
  if (fields.objset !== undefined) head.writeUInt32LE(fields.objset, 32);
  if (fields.flags !== undefined) head.writeUInt32LE((head.readUInt32LE(36) | fields.flags) >>> 0, 36);
  if (fields.features !== undefined) head.writeBigUInt64LE(head.readBigUInt64LE(16) | fields.features, 16);
  if (fields.toGuid !== undefined) head.writeBigUInt64LE(fields.toGuid, 40);
  if (fields.fromGuid !== undefined) head.writeBigUInt64LE(fields.fromGuid, 48);
  if (fields.toName !== undefined) {
    head.fill(0, 56);
    head.write(fields.toName, 56, 'latin1');
  }
}

class Forger {
  readonly #forged: Forged;
  #sum = fletcher4();
  #guids: { readonly old: bigint; readonly new: bigint } | null = null;

  constructor(forged: Forged) {
    this.#forged = forged;
  }

  record(head: Buffer, payload: Buffer): Buffer {
    const type = head.readUInt32LE(0);
    if (type === begin) this.#begin(head);
    // What closes a package has nothing in it.
    else if (type === end && head.subarray(8).every((byte) => byte === 0)) return head;
    else this.#rename(head);
    if (type === end) this.#sum.write(head, 8);
    this.#sum.add(head.subarray(0, checksumAt));
    if (type !== begin && head.subarray(checksumAt).some((byte) => byte !== 0))
      this.#sum.write(head, checksumAt);
    this.#sum.add(head.subarray(checksumAt));
    this.#sum.add(payload);
    return head;
  }

  #begin(head: Buffer): void {
    this.#sum = fletcher4();
    const isPackage = (head.readBigUInt64LE(16) & 3n) === 2n;
    const old = head.readBigUInt64LE(40);
    const fields = isPackage ? this.#forged.package : this.#forged.single;
    patchHead(head, fields ?? {});
    this.#guids = isPackage ? null : { old, new: head.readBigUInt64LE(40) };
  }

  /** Each record says again to which snapshot it belongs. */
  #rename(head: Buffer): void {
    const guids = this.#guids;
    if (guids === null || guids.old === guids.new) return;
    for (let at = 8; at + 8 <= checksumAt; at += 8)
      if (head.readBigUInt64LE(at) === guids.old) head.writeBigUInt64LE(guids.new, at);
  }
}

function payloadOf(head: Buffer): number {
  const aligned = (bytes: number): number => Math.ceil(bytes / 8) * 8;
  switch (head.readUInt32LE(0)) {
    case begin:
      return head.readUInt32LE(4);
    case 1:
      return head.readUInt32LE(36) > 0 ? head.readUInt32LE(36) : aligned(head.readUInt32LE(28));
    case 3:
      return Number(head.readBigUInt64LE(head.readUInt8(50) === 0 ? 32 : 96));
    case 7:
      return Number(head.readBigUInt64LE(40) > 0n ? head.readBigUInt64LE(40) : head.readBigUInt64LE(16));
    case 8:
      return aligned(head.readUInt32LE(52));
    default:
      return 0;
  }
}

/** The checksum of a stream so far, over words of 32 bits (module/zcommon/zfs_fletcher.c). */
function fletcher4(): {
  readonly add: (bytes: Buffer) => void;
  readonly write: (into: Buffer, at: number) => void;
} {
  let sums = [0n, 0n, 0n, 0n] as [bigint, bigint, bigint, bigint];
  return {
    add: (bytes) => {
      let [a, b, c, d] = sums;
      for (let at = 0; at + 4 <= bytes.length; at += 4) {
        a = BigInt.asUintN(64, a + BigInt(bytes.readUInt32LE(at)));
        b = BigInt.asUintN(64, b + a);
        c = BigInt.asUintN(64, c + b);
        d = BigInt.asUintN(64, d + c);
      }
      sums = [a, b, c, d];
    },
    write: (into, at) => {
      sums.forEach((sum, index) => into.writeBigUInt64LE(sum, at + 8 * index));
    },
  };
}
