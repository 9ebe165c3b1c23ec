import { closeSync, constants, openSync, writeSync } from 'node:fs';

/** The terminal in front of a person. */
export interface Terminal {
  columns(): number;
  /** Never waits: what the terminal does not take at once is lost. */
  write(text: string): void;
  close(): void;
}

/** What a terminal says that has not told its size. */
const usualColumns = 80;

/**
 * The terminal behind standard error; null: there is none. It is opened anew: a write by way of Node's own stream waits
 * for as long as the terminal takes nothing (Ctrl-S, a dead ssh), and the transfer with it.
 */
export function openTerminal(
  stream: { readonly isTTY: boolean; readonly columns: number },
  path = '/dev/tty',
): Terminal | null {
  if (!stream.isTTY) return null;
  const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
  let descriptor: number;
  try {
    descriptor = openSync(path, O_WRONLY | O_NONBLOCK | O_NOCTTY);
  } catch {
    // A terminal that is not this process's own: nothing is lost but the bar.
    return null;
  }
  return {
    columns: () => stream.columns || usualColumns,
    write: (text) => {
      try {
        writeSync(descriptor, text);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      }
    },
    close: () => {
      closeSync(descriptor);
    },
  };
}
