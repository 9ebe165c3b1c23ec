import { createInterface } from 'node:readline/promises';
import { RoamhomeError } from '../../errors/errors.ts';

/** Asks the person at the terminal. Throws `usage` where there is none, with what to say instead. */
export async function ask(question: string, instead: string, signal: AbortSignal): Promise<string> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new RoamhomeError({
      code: 'usage',
      message: 'this has to be confirmed, and there is no terminal to ask at',
      remedy: instead,
    });
  }
  // Not on standard output, which is for what was asked for.
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await terminal.question(question, { signal });
  } catch (error) {
    // Node's own AbortError would pass for a bug.
    throw signal.aborted ? signal.reason : error;
  } finally {
    terminal.close();
  }
}
