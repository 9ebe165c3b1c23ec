import { lstat } from 'node:fs/promises';
import type { Platform } from '../../platform/platform.ts';
import type { FileFacts, FileStatus } from './file-facts.ts';

/** This machine's. */
export function systemFileFacts(platform: Platform): FileFacts {
  return { statusOf, attributesOf: (path, signal) => platform.directoryAttributes(path, signal) };
}

async function statusOf(path: string): Promise<FileStatus | null> {
  try {
    const found = await lstat(path);
    const { uid, gid, nlink: links, dev: device } = found;
    const type = found.isFile() ? 'file' : found.isDirectory() ? 'directory' : 'other';
    return { type, mode: found.mode & 0o7777, uid, gid, links, device };
  } catch (error) {
    // Whatever the system has against it: nothing is known of it then, and nothing is done on the strength of it.
    if ((error as NodeJS.ErrnoException).syscall === 'lstat') return null;
    throw error;
  }
}
