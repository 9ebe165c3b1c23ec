import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

const chunkBytes = 256 * 1024;

// A path can lead to a pipe or a device by the time it is opened: opening one must neither wait nor do anything.
const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Whether two files hold the same bytes; reads no more of them at a time than two chunks. */
export async function sameContent(a: Buffer, b: Buffer, signal: AbortSignal): Promise<boolean> {
  const one = await open(a, flags);
  try {
    const other = await open(b, flags);
    try {
      if (!(await one.stat()).isFile() || !(await other.stat()).isFile()) return false;
      return await compare(one, other, signal);
    } finally {
      await other.close();
    }
  } finally {
    await one.close();
  }
}

async function compare(one: FileHandle, other: FileHandle, signal: AbortSignal): Promise<boolean> {
  const [mine, theirs] = [Buffer.allocUnsafe(chunkBytes), Buffer.allocUnsafe(chunkBytes)];
  for (let position = 0; ;) {
    signal.throwIfAborted();
    const [read, readThere] = await Promise.all([
      readFully(one, mine, position),
      readFully(other, theirs, position),
    ]);
    if (read !== readThere || !mine.subarray(0, read).equals(theirs.subarray(0, read))) return false;
    if (read < chunkBytes) return true;
    position += read;
  }
}

/** Less than the buffer only at the end of the file: a single read may give less at any time. */
async function readFully(file: FileHandle, buffer: Buffer, position: number): Promise<number> {
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}
