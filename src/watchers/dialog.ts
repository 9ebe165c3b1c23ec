import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Argv } from '../host/host.ts';
import type { DetachedProgram } from '../host/start-detached.ts';
import type { Watcher } from '../progress/feed.ts';
import { dialogArgv, dialogLines, quitLine } from './dialog-lines.ts';
import type { Run } from '../progress/run.ts';

/** A run that is over before this shows no window: it would only flash. */
const startMs = 2000;
const pauseMs = 1000;

export interface DialogOptions {
  /** swiftDialog's `dialog`. */
  readonly program: string;
  /** A directory of root's alone, for the command file. */
  readonly directory: string;
  readonly start: (argv: Argv) => DetachedProgram;
  /** For the window to go by itself; then it is killed. Milliseconds; default 300. */
  readonly quitMs?: number;
}

/** swiftDialog's window, as long as the run goes on. Nothing waits for it: it is told by a file. */
export function dialogWatcher(run: Run, { program, directory, start, quitMs = 300 }: DialogOptions): Watcher {
  const commandFile = join(directory, `.dialog-${randomBytes(8).toString('hex')}`);
  let dialog: DetachedProgram | null = null;
  let [shown, writtenAt]: [string | null, number] = [null, 0];
  return {
    name: 'the window of swiftDialog',
    show: async (view) => {
      if (dialog === null) {
        const isOver = view.activity === 'done' || view.activity === 'failed';
        if (!isOver && view.at - view.startedAt >= startMs)
          dialog = start(dialogArgv(program, run, commandFile));
        return;
      }
      if (!dialog.isRunning() || (view.activity === shown && view.at - writtenAt < pauseMs)) return;
      if (await append(commandFile, dialogLines(run, view))) [shown, writtenAt] = [view.activity, view.at];
    },
    close: async () => {
      if (dialog === null) return;
      await append(commandFile, [quitLine]);
      for (let waitedMs = 0; dialog.isRunning() && waitedMs < quitMs; waitedMs += 50) await delay(50);
      dialog.kill();
      await rm(commandFile, { force: true });
    },
  };
}

/** False: the program has not made it yet. */
async function append(commandFile: string, lines: readonly string[]): Promise<boolean> {
  const { O_WRONLY, O_APPEND, O_NOFOLLOW, O_NONBLOCK } = constants;
  let handle;
  try {
    handle = await open(commandFile, O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  try {
    await handle.writeFile(`${lines.join('\n')}\n`);
  } finally {
    await handle.close();
  }
  return true;
}
