import { spawn, spawnSync } from 'node:child_process';
import { writeSync } from 'node:fs';
import type { Writable } from 'node:stream';

/** All that a child of the gate gets of an environment. */
export const environment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };

/** How zfs ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What zfs prints, as much as a home of a hundred thousand snapshots has. */
const longestAnswer = 64 * 1024 * 1024;

/** Has zfs answer a question. */
export function askZfs(
  zfs: string,
  words: readonly string[],
): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  return spawnSync(zfs, words, {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: longestAnswer,
  });
}

/**
 * Runs zfs with this process's own streams, or its stdin from `feed`. It gets our signals; null: it could not be started, which
 * is said. Not to be called a second time before the first has ended.
 */
export async function runZfs(
  zfs: string,
  words: readonly string[],
  feed: ((stdin: Writable) => void) | null = null,
): Promise<Ended | null> {
  const signals = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;
  // Caught before zfs starts, or one that comes meanwhile would end this process alone. It is heard once the child is there:
  // Node calls back in a later turn.
  const passOn = (signal: NodeJS.Signals): void => {
    child.kill(signal);
  };
  for (const signal of signals) process.on(signal, passOn);
  const child = spawn(zfs, words, {
    env: environment,
    stdio: [feed === null ? 'inherit' : 'pipe', 'inherit', 'inherit'],
  });
  return new Promise((resolve) => {
    const end = (ended: Ended | null): void => {
      for (const signal of signals) process.off(signal, passOn);
      resolve(ended);
    };
    child.once('error', (error) => {
      writeSync(2, `zfs: not found: ${error.message}\n`);
      end(null);
    });
    child.once('exit', (code, signal) => {
      end({ code, signal });
    });
    if (feed !== null && child.stdin !== null) {
      // zfs has ended then, and says why.
      child.stdin.on('error', () => undefined);
      feed(child.stdin);
    }
  });
}

/** As near to exec(2) as Node comes: this process ends as zfs did. */
export function endAs(ended: Ended | null): void {
  if (ended === null) process.exitCode = 127;
  else if (ended.signal === null) process.exitCode = ended.code ?? undefined;
  else process.kill(process.pid, ended.signal);
}
