import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

const newline = 0x0a;

function byteAt(descriptor: number, position: number): number | undefined {
  const byte = Buffer.alloc(1);
  return readSync(descriptor, byte, 0, 1, position) === 1 ? byte[0] : undefined;
}

/**
 * A file of lines that is rotated to `<file>.1`, `<file>.2`, ... Each line is written at once and whole: winston's own
 * file transport drops what the disk refuses without a word (its stream's errors go to a debug channel). Methods throw
 * what the file system throws.
 */
export class FileLines {
  readonly #path: string;
  readonly #maxBytes: number;
  readonly #keepFiles: number;
  #descriptor: number | null = null;

  constructor(options: { path: string; maxBytes: number; keepFiles: number }) {
    this.#path = options.path;
    this.#maxBytes = options.maxBytes;
    this.#keepFiles = options.keepFiles;
  }

  /** Appends the line and a newline. */
  write(line: string): void {
    const bytes = Buffer.from(`${line}\n`);
    let descriptor = (this.#descriptor ??= this.#open());
    // The size of the file, not a count of ours: other runs append to it too.
    const { size } = fstatSync(descriptor);
    if (size > 0 && size + bytes.length > this.#maxBytes) {
      this.#rotate(descriptor);
      descriptor = this.#descriptor = this.#open();
    }
    for (let written = 0; written < bytes.length;) written += writeSync(descriptor, bytes, written);
  }

  /** Resolves nothing: when it returns, all lines are on disk. */
  close(): void {
    const descriptor = this.#descriptor;
    if (descriptor === null) return;
    this.#descriptor = null;
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }

  #open(): number {
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o750 });
    // Root writes here: a symbolic link would let it write to any file, a FIFO without a reader would hang it.
    const { O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
    const descriptor = openSync(this.#path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
    try {
      const stat = fstatSync(descriptor);
      if (!stat.isFile() || stat.nlink > 1)
        throw new Error(`${this.#path} is not a regular file with one name`);
      // A power cut leaves half a line, or zeros in its place: what is written now shall not be glued to it.
      if (stat.size > 0 && byteAt(descriptor, stat.size - 1) !== newline) writeSync(descriptor, '\n');
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
    return descriptor;
  }

  #rotate(descriptor: number): void {
    const current = fstatSync(descriptor).ino;
    closeSync(descriptor);
    this.#descriptor = null;
    // Another run has rotated it already: only open the new one.
    if (lstatSync(this.#path, { throwIfNoEntry: false })?.ino !== current) return;
    const name = (age: number) => (age === 0 ? this.#path : `${this.#path}.${age}`);
    for (let age = this.#keepFiles - 1; age >= 1; age--) {
      // Renaming replaces the oldest.
      if (lstatSync(name(age - 1), { throwIfNoEntry: false }) !== undefined)
        renameSync(name(age - 1), name(age));
    }
    if (this.#keepFiles === 1) rmSync(this.#path, { force: true });
  }
}
