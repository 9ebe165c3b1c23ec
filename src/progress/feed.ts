import type { ProgressEvent, ProgressSink } from './event.ts';
import { follow, newTrack, viewOf, type ProgressView } from './track.ts';

/** Who shows how far a run is. */
export interface Watcher {
  /** For the log, when it fails. */
  readonly name: string;
  /** Called a few times a second, also when only the time has changed; never again before it has ended. */
  show(view: ProgressView): void | Promise<void>;
  /** After the last view; to take away what was shown. */
  close?(): void | Promise<void>;
}

export interface FeedOptions {
  readonly watchers: readonly Watcher[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Told once of each watcher that fails. */
  readonly onFailure: (watcher: string, error: unknown) => void;
}

export interface Feed {
  readonly sink: ProgressSink;
  /** Shows the last state, and waits for that a moment at most. */
  close(): Promise<void>;
}

/** Between two views. */
const tickMs = 200;

/** For watchers that are still at it at the end, as one that hangs: nobody waits longer for them. */
const closeMs = 500;

/**
 * Hands a run's events to those who watch it. The run is never kept waiting: an event is only noted, views are made by
 * a timer, and a watcher that is slow misses some of them.
 */
export function createFeed({ watchers, now, onFailure }: FeedOptions): Feed {
  let track = newTrack(now());
  /** A stream's data come thousands of times a second: the last word counts. */
  let moved: ProgressEvent | null = null;
  const stands = watchers.map((watcher) => createStand(watcher, onFailure));

  const take = (event: ProgressEvent): void => {
    track = follow(track, event, now());
  };
  const settle = (): void => {
    if (moved === null) return;
    take(moved);
    moved = null;
  };
  const show = (): void => {
    settle();
    const view = viewOf(track, now());
    for (const stand of stands) stand.offer(view);
  };
  const timer = setInterval(show, tickMs);
  // Nobody waits for the next view.
  timer.unref();

  return {
    sink: (event) => {
      if (event.kind === 'moved') {
        moved = event;
        return;
      }
      settle();
      take(event);
    },
    close: async () => {
      clearInterval(timer);
      show();
      let late: NodeJS.Timeout | undefined;
      const patience = new Promise<void>((resolve) => {
        late = setTimeout(resolve, closeMs);
      });
      await Promise.race([Promise.all(stands.map((stand) => stand.close())), patience]);
      clearTimeout(late);
    },
  };
}

/** One watcher: never called while it is at it, but always with the last view in the end. */
function createStand(
  { name, ...watcher }: Watcher,
  onFailure: FeedOptions['onFailure'],
): { offer: (view: ProgressView) => void; close: () => Promise<void> } {
  let waiting: ProgressView | null = null;
  let busy: Promise<void> | null = null;
  let hasFailed = false;
  const attempt = async (task: () => void | Promise<void>): Promise<void> => {
    try {
      await task();
    } catch (error) {
      if (!hasFailed) onFailure(name, error);
      hasFailed = true;
    }
  };
  const work = async (): Promise<void> => {
    for (let view = waiting; view !== null; view = waiting) {
      waiting = null;
      const shown = view;
      await attempt(() => watcher.show(shown));
    }
    busy = null;
  };
  return {
    offer: (view) => {
      waiting = view;
      busy ??= work();
    },
    close: async () => {
      await busy;
      await attempt(() => watcher.close?.());
    },
  };
}
