import type { Socket } from 'node:net';

interface PulseOptions {
  readonly keepaliveIntervalMs: number;
  readonly keepaliveCountMax: number;
}

/**
 * Reports a dead link: one from which no byte came during `keepaliveCountMax` + 1 intervals, though ssh2 asks for an
 * answer in each. Any byte counts, not only that answer: on a slow link its question stands in line behind megabytes
 * of a send, while the server's window adjustments keep coming. Returns how to stop.
 */
export function watchPulse(
  socket: Socket,
  options: PulseOptions,
  onDead: (error: Error) => void,
): () => void {
  const { keepaliveIntervalMs, keepaliveCountMax } = options;
  let seen = socket.bytesRead;
  let quiet = 0;
  const timer = setInterval(() => {
    quiet = socket.bytesRead === seen ? quiet + 1 : 0;
    seen = socket.bytesRead;
    if (quiet > keepaliveCountMax) {
      clearInterval(timer);
      onDead(new Error(`no sign of life for ${(quiet * keepaliveIntervalMs) / 1000} s`));
    }
  }, keepaliveIntervalMs);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}
