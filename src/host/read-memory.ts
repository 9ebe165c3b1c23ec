/** The most that is read of a connection at a time. With Node's own 64 KiB a large receive spent a sixth of its time on being told of each. */
const READ_BYTES = 512 * 1024;

/** As little room as a read is still given: what is left of a slab then is not used. */
const LEAST_BYTES = 128 * 1024;

const SLAB_BYTES = 4 * 1024 * 1024;

/** Memory for what is read of one connection. */
export interface ReadMemory {
  /** Where the next read may write: at most READ_BYTES. */
  readonly next: () => Buffer;
  /** The first bytes of what `next` gave, which a read has filled. They are not written to again. */
  readonly take: (bytes: number) => Buffer;
}

/**
 * Hands out pieces of large slabs, one after the other. ssh2 keeps views of what it is given, and decrypts packets where they
 * are: no memory is handed out twice, and a slab goes when the last view of it has gone.
 */
export function createReadMemory(): ReadMemory {
  let slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
  let used = 0;
  return {
    next: () => {
      if (slab.length - used < LEAST_BYTES) [slab, used] = [Buffer.allocUnsafeSlow(SLAB_BYTES), 0];
      return slab.subarray(used, used + READ_BYTES);
    },
    take: (bytes) => {
      const piece = slab.subarray(used, used + bytes);
      used += bytes;
      return piece;
    },
  };
}
