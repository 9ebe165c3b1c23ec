import type { Log } from './log.ts';

/** A log that keeps nothing, for where nobody looks. */
export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLog,
  close: () => Promise.resolve(),
};
