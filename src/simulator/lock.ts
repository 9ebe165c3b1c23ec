import { closeSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { errnoOf } from '../host/command-errors.ts';

/** True while the process is there; another user's counts as well. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) === 'EPERM';
  }
}

function holderOf(path: string): number | null {
  try {
    return Number(readFileSync(path, 'utf8')) || null;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
}

function tryLock(path: string): boolean {
  try {
    const file = openSync(path, 'wx', 0o666);
    writeSync(file, String(process.pid));
    closeSync(file);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Removes the lock of a process that has died. Taken away under a name of its own, so that no two remove one. */
function removeStale(path: string): void {
  const holder = holderOf(path);
  if (holder === null || isAlive(holder)) return;
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return;
    throw error;
  }
  rmSync(aside, { force: true });
}

const waitMs = 3;

/** Does some work while no other process does work under the same lock. */
export function underLock<T>(path: string, work: () => T): T {
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  while (!tryLock(path)) {
    removeStale(path);
    Atomics.wait(sleeper, 0, 0, waitMs);
  }
  try {
    return work();
  } finally {
    rmSync(path, { force: true });
  }
}
