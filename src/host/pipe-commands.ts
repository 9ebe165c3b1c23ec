import { pipeline } from 'node:stream/promises';
import type { Argv, CommandResult, Host, RunOptions } from './host.ts';

/** A command, and where it runs. */
export interface Placed {
  readonly host: Host;
  readonly argv: Argv;
}

/**
 * Runs two commands, the first into the second, and gives how both ended. `input`: what the first reads. Rejects where one
 * could not run, or was cancelled; where the second ends early, its result says why.
 */
export async function pipeCommands(
  from: Placed,
  into: Placed,
  { input, ...options }: RunOptions & { readonly input: Buffer },
): Promise<{ readonly from: CommandResult; readonly into: CommandResult }> {
  const source = await from.host.stream(from.argv, options);
  source.stdin.end(input);
  const sink = await into.host.stream(into.argv, options).catch((error: unknown) => {
    source.kill();
    source.stdout.resume();
    throw error;
  });
  sink.stdout.resume();
  const flow = pipeline(source.stdout, sink.stdin);
  const [read, written, flowed] = await Promise.allSettled([source.done, sink.done, flow]);
  options.signal?.throwIfAborted();
  // The writer first: where it ends early, the reader only finds its pipe closed.
  if (written.status === 'rejected') throw written.reason;
  if (read.status === 'rejected') throw read.reason;
  const ended = { from: read.value, into: written.value };
  const isWhole = ended.from.exitCode === 0 && ended.into.exitCode === 0;
  // A program that has seen the end of what it reads may end before it has read the padding behind it (tar).
  if (isWhole && flowed.status === 'rejected' && !isClosedEarly(flowed.reason)) throw flowed.reason;
  return ended;
}

/** True where a writer found that its reader had ended. */
export function isClosedEarly(error: unknown): boolean {
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  return code === 'EPIPE' || code === 'ERR_STREAM_PREMATURE_CLOSE';
}
