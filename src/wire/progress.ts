import type { Config } from '../config/schema.ts';
import { startDetached } from '../host/start-detached.ts';
import { othersCanChange } from '../host/others-can-change.ts';
import type { Log } from '../log/log.ts';
import { createFeed, type Feed, type Watcher } from '../progress/feed.ts';
import { barWatcher } from '../watchers/bar.ts';
import { dialogWatcher } from '../watchers/dialog.ts';
import { linesWatcher } from '../watchers/lines.ts';
import { statusFileWatcher } from '../watchers/status-file.ts';
import type { Run } from '../progress/run.ts';
import { isJob } from '../watchers/status-json.ts';
import { openTerminal } from '../watchers/terminal.ts';

export interface ProgressParts {
  readonly config: Config;
  readonly log: Log;
  /** Everything is said in lines: they leave no room for a bar. */
  readonly verbose: boolean;
}

/** Those who show a run: on standard error, in the status file, in a window. None of them can fail it. To be closed. */
export async function wireProgress(run: Run, { config, log, verbose }: ProgressParts): Promise<Feed> {
  const { statusDir } = config.progress;
  const dialog = await windowOf(run, config);
  const watchers = [
    ...(verbose ? [] : [onStandardError(run)]),
    statusFileWatcher(run, statusDir),
    ...(dialog === null ? [] : [dialog]),
  ].filter((watcher) => watcher !== null);
  return createFeed({
    watchers,
    now: Date.now,
    onFailure: (watcher, error) => {
      log.warn('progress-not-shown', { user: run.user, watcher, error });
    },
  });
}

function onStandardError({ user }: Run): Watcher | null {
  const { stderr } = process;
  if (!stderr.isTTY) return linesWatcher(user, (line) => void stderr.write(`${line}\n`));
  const terminal = openTerminal(stderr);
  return terminal === null ? null : barWatcher(user, terminal);
}

/** null: nobody wants it, it is not installed, or others than root could put something in its place for root to run. */
async function windowOf(run: Run, { progress, local }: Config): Promise<Watcher | null> {
  const { window, dialogProgram: program } = progress;
  if (window === 'none' || program === undefined || isJob(run)) return null;
  const weak = await othersCanChange(program).catch(() => 'nothing is there');
  return weak === null
    ? dialogWatcher(run, { program, directory: local.stateDir, start: startDetached })
    : null;
}
