import { abortAtSignal } from '../cli/framework/abort-at-signal.ts';
import { isRoamhomeError, RoamhomeError } from '../errors/errors.ts';
import { exitCodeOf } from '../errors/exit-codes.ts';
import { Cleanup } from './cleanup.ts';
import { labStage } from './lab-stage.ts';
import { createNarrator } from './narrator.ts';
import { simulatorStage } from './simulator-stage.ts';
import type { Stage } from './stage.ts';
import { tellStory } from './story.ts';
import { zfsStage } from './zfs-stage.ts';

/** Where things are. */
export interface Places {
  /** The repository. */
  readonly root: string;
  /** The simulator's zfs, bundled. */
  readonly simulator: string;
}

/** Tells the story on the stage that the command line asks for, and sets process.exitCode. Leaves nothing behind. */
export async function main(args: readonly string[], places: Places): Promise<void> {
  const { signal, forget } = abortAtSignal();
  const cleanup = new Cleanup();
  try {
    const stage = await openStage(args, places, cleanup, signal);
    const { stdout, env } = process;
    stdout.on('error', ignoreBrokenPipe);
    const emphasis = stdout.isTTY && (env['NO_COLOR'] ?? '') === '';
    await tellStory({ ...stage, ...createNarrator((text) => stdout.write(text), emphasis), signal });
  } catch (error) {
    // Whatever failed once a signal has come failed for it: the terminal sends it to the commands too.
    const reason: unknown = signal.aborted ? signal.reason : error;
    process.stderr.write(`demo: ${inWords(reason)}\n`);
    process.exitCode = exitCodeOf(reason);
  } finally {
    for (const line of await cleanup.run()) {
      process.stderr.write(`demo: ${line}\n`);
      process.exitCode ??= 1;
    }
    forget();
  }
}

async function openStage(
  args: readonly string[],
  { root, simulator }: Places,
  cleanup: Cleanup,
  signal: AbortSignal,
): Promise<Stage> {
  const [stage = '--simulator', ...more] = args;
  if (more.length === 0 && stage === '--simulator') return simulatorStage(simulator, cleanup, signal);
  if (more.length === 0 && stage === '--zfs') return zfsStage(cleanup, signal);
  if (more.length === 0 && stage === '--lab') return labStage(root, cleanup, signal);
  throw new RoamhomeError({
    code: 'usage',
    message: `no stage ${args.join(' ')}`,
    remedy: 'usage: scripts/demo [--simulator | --zfs | --lab]',
  });
}

/** `scripts/demo | head`: the story goes on unheard, and what it made is removed. */
function ignoreBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

/** A line; a bug with its stack. */
function inWords(error: unknown): string {
  if (isRoamhomeError(error, 'cancelled')) return error.message;
  if (isRoamhomeError(error)) return `${error.message}. ${error.remedy}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
