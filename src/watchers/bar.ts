import type { Watcher } from '../progress/feed.ts';
import type { ProgressView } from '../progress/track.ts';
import { barLine } from './bar-line.ts';
import type { Terminal } from './terminal.ts';

/** A line on the terminal that is written over and over; the last of it stays where data were moved. */
export function barWatcher(user: string, terminal: Terminal): Watcher {
  let last: ProgressView | null = null;
  return {
    name: 'the bar on the terminal',
    show: (view) => {
      last = view;
      // The cursor of many a terminal wraps when the last column is written.
      terminal.write(`\r${barLine(user, view, terminal.columns() - 1)}\u001b[K`);
    },
    close: () => {
      terminal.write(last?.activity === 'done' && last.totalBytes !== null ? '\n' : '\r\u001b[K');
      terminal.close();
    },
  };
}
