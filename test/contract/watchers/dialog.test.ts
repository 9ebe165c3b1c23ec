import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startDetached } from '../../../src/host/start-detached.ts';
import { dialogWatcher } from '../../../src/watchers/dialog.ts';
import { done, listing, receiving } from '../../support/watchers/views.ts';

let directory: string;
const inDirectory = (name: string): string => join(directory, name);
const noted = (name: string): string[] => readFileSync(inDirectory(name), 'utf8').trimEnd().split('\n');
const commandFiles = (): string[] => readdirSync(directory).filter((name) => name.startsWith('.dialog-'));

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'roamhome-dialog-'));
  copyFileSync(new URL('fakes/dialog', import.meta.url), inDirectory('dialog'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

const watcherOf = (what: 'login' | 'logout', quitMs?: number) =>
  dialogWatcher(
    { what, user: 'alice' },
    {
      ...{ program: inDirectory('dialog'), directory, start: startDetached },
      ...(quitMs === undefined ? {} : { quitMs }),
    },
  );

/** Until the program has made its command file, which it does not do before. */
async function letItMakeItsFile(): Promise<void> {
  writeFileSync(inDirectory('go'), '');
  await vi.waitFor(() => {
    expect(commandFiles()).toHaveLength(1);
  }, 30_000);
}

test("the command file is as swiftDialog's protocol has it", async () => {
  // As long as a busy machine's window may need to go by itself.
  const watcher = watcherOf('login', 30_000);
  // What lasts less than two seconds shows no window.
  await watcher.show({ ...listing, at: listing.startedAt + 1999 });
  await delay(50);
  expect(existsSync(inDirectory('argv'))).toBe(false);
  await watcher.show({ ...listing, at: listing.startedAt + 2000 });
  // The program has not made its file yet: nothing is written, and nothing waits.
  await watcher.show(listing);
  expect(commandFiles()).toEqual([]);
  await letItMakeItsFile();
  await watcher.show(receiving);
  // Within a second only what it is at is worth another line.
  await watcher.show({ ...receiving, at: receiving.at + 999, fraction: 0.43 });
  await watcher.show({ ...receiving, at: receiving.at + 1000, fraction: 0.5, secondsLeft: 20 });
  await watcher.show(done);
  await watcher.close?.();
  expect(noted('argv')).toEqual([
    ...['--title', 'Roamhome', '--message', 'Your home is being brought up to date.'],
    ...['--progress', '100', '--progresstext', 'Please wait', '--button1disabled', '--ontop'],
    '--commandfile',
    expect.stringMatching(/\/\.dialog-[0-9a-f]{16}$/) as string,
  ]);
  expect(noted('read')).toEqual([
    'progresstext: Receiving, 1.2 of 2.9 GiB, 2 of 3 snapshots, 2 min left',
    'progress: 42',
    'progresstext: Receiving, 1.2 of 2.9 GiB, 2 of 3 snapshots, 20 s left',
    'progress: 50',
    'progresstext: Done',
    'progress: complete',
    'quit:',
  ]);
  expect(noted('exit')).toEqual(['5']);
  expect(commandFiles()).toEqual([]);
});

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
};

test.each(['SIGSTOP', 'SIGKILL'] as const)(
  'a window that gets %s holds nothing up and is gone afterwards',
  async (name) => {
    const watcher = watcherOf('logout');
    await watcher.show(receiving);
    await letItMakeItsFile();
    const pid = Number(noted('pid')[0]);
    process.kill(pid, name);
    for (let second = 1; second <= 100; second++)
      await watcher.show({ ...receiving, at: receiving.at + second * 1000 });
    await watcher.close?.();
    await vi.waitFor(() => {
      expect(isAlive(pid)).toBe(false);
    }, 30_000);
    expect(existsSync(inDirectory('exit'))).toBe(false);
    expect(commandFiles()).toEqual([]);
  },
);

test('a program that cannot be started is no failure', async () => {
  rmSync(inDirectory('dialog'));
  const watcher = watcherOf('login');
  for (let second = 0; second < 5; second++)
    await watcher.show({ ...receiving, at: receiving.at + second * 1000 });
  await watcher.close?.();
});
