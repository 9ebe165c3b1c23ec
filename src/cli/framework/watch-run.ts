import type { ProgressSink } from '../../progress/event.ts';
import type { Run } from '../../progress/run.ts';
import { wireProgress, type ProgressParts } from '../../wire/progress.ts';

/** Does the task while those who watch are told how far it is. */
export async function watchRun<T>(
  run: Run,
  parts: ProgressParts,
  task: (onProgress: ProgressSink) => Promise<T>,
): Promise<T> {
  const feed = await wireProgress(run, parts);
  try {
    return await task(feed.sink);
  } finally {
    await feed.close();
  }
}
