import type { Watcher } from '../progress/feed.ts';
import { plainLine } from './bar-line.ts';

/** A run that is over before this says nothing; after that, the pauses between the lines double. */
const firstMs = 10_000;

/** A line now and then, where standard error is no terminal. */
export function linesWatcher(user: string, write: (line: string) => void): Watcher {
  let pauseMs = firstMs;
  let next: number | null = null;
  return {
    name: 'the lines on standard error',
    show: (view) => {
      next ??= view.startedAt + firstMs;
      if (!view.isTransferring || view.at < next) return;
      pauseMs *= 2;
      next = view.at + pauseMs;
      write(plainLine(user, view));
    },
  };
}
