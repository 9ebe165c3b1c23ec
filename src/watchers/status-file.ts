import { chmod, lstat, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../host/replace-file.ts';
import type { Watcher } from '../progress/feed.ts';
import type { Run } from '../progress/run.ts';
import { isJob, statusJson } from './status-json.ts';

/** A change of numbers alone waits for this. */
const pauseMs = 1000;

/** `<directory>/<user>.json`, replaced as a whole, for everybody to read. The directory is to be ours alone to write. */
export function statusFileWatcher(run: Run, directory: string): Watcher {
  let [shown, writtenAt]: [string | null, number] = [null, 0];
  let isReady = false;
  return {
    name: 'the status file',
    show: async (view) => {
      // Another run may be at the home, which says more.
      if (isJob(run) && view.totalBytes === null) return;
      if (view.activity === shown && view.at - writtenAt < pauseMs) return;
      if (!isReady) await ensurePublic(directory);
      isReady = true;
      await replaceFile(join(directory, `${run.user}.json`), statusJson(run, process.pid, view), {
        mode: 0o644,
        passing: true,
      });
      [shown, writtenAt] = [view.activity, view.at];
    },
  };
}

/** Makes it if need be, whatever the umask. Throws where others could put something in our way. */
async function ensurePublic(directory: string): Promise<void> {
  if ((await mkdir(directory, { recursive: true })) !== undefined) await chmod(directory, 0o755);
  const { uid, mode } = await lstat(directory);
  if (uid !== process.geteuid?.() || (mode & 0o170000) !== 0o040000 || (mode & 0o022) !== 0)
    throw new Error(`${directory} is not a directory that only root can write in`);
}
