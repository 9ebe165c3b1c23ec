import { pipeline } from 'node:stream/promises';
import { RoamhomeError } from '../errors/errors.ts';
import type { Argv, CommandResult, Host, RunningCommand } from '../host/host.ts';
import { isClosedEarly } from '../host/pipe-commands.ts';
import type { TransferListener } from '../progress/event.ts';
import { warningsOf, zfsError } from '../zfs/stderr.ts';
import { meterTransfer } from './transfer-meter.ts';

export interface TransferOptions {
  readonly source: Host;
  readonly send: Argv;
  readonly sink: Host;
  readonly receive: Argv;
  /** Bytes of stream that an earlier run has brought, as the token says; 0 for a stream that is not resumed. */
  readonly arrivedBytes: bigint;
  /** Milliseconds without a byte until the transfer is given up as `stalled`. What arrived is kept. */
  readonly stallMs: number;
  readonly signal: AbortSignal;
  /** Called for each piece of the stream: must be quick. */
  readonly onProgress: TransferListener;
}

export interface TransferResult {
  /** Bytes of stream that were moved. */
  readonly bytes: number;
  /** Bytes of what the stream carried: what an estimate is made of. */
  readonly contentBytes: number;
  /** What the sending zfs expected of `contentBytes`; null: it did not say. */
  readonly estimatedBytes: number | null;
  /** What the receiving zfs said although it succeeded. */
  readonly warnings: readonly string[];
}

/** How long the receiver may take to end once its stream was cut, until it is ended. */
const receiverGraceMs = 5000;

/**
 * One `zfs send` into one `zfs receive`, with no more than the streams' own buffers in memory. Succeeds only when
 * both ended with 0. On any failure both are ended; the receiver keeps what arrived, for the next run to resume.
 * Rejects with what zfs said, or `stalled`, `connection-lost`, `cancelled`.
 */
export async function transfer(options: TransferOptions): Promise<TransferResult> {
  const { source, sink, signal, stallMs } = options;
  // Not AbortSignal.any: in Node 20 it can lose a joined signal to the garbage collector (nodejs/node#54614).
  const stop = new AbortController();
  const onAbort = (): void => {
    stop.abort(signal.reason);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  const ended = stop.signal;
  const [sender, receiver] = await startBoth(options, ended);
  const meter = meterTransfer(options.arrivedBytes);
  const said: string[] = [];

  const stall = setTimeout(() => {
    stop.abort(stalledError(options));
  }, stallMs);
  sender.onStderrLine((line) => {
    const message = meter.hear(line);
    if (message !== null) said.push(message);
  });
  sender.stdout.on('data', (chunk: Buffer) => {
    meter.count(chunk);
    stall.refresh();
    options.onProgress(meter.progress());
  });
  // All is on its way then. How long the receiver takes to store it says nothing about the link, which the
  // connection's own keepalive watches.
  sender.stdout.once('end', () => {
    clearTimeout(stall);
  });

  try {
    const flow = pipeline(sender.stdout, receiver.stdin, { signal: ended });
    // A sender that fails may still end its stream in good order: the receiver waits for more, or hangs, all the same.
    const sending = Promise.all([flow, failureOf(sender)]);
    const cutShort = Promise.race([sending, failureOf(receiver)]).catch(async (error: unknown) => {
      if (isClosedEarly(error) && (await hasAll(receiver))) return;
      // The receiver sees the end of its stream, stores what it has and says so; it is not killed at it.
      sender.kill();
      receiver.stdin.destroy();
      await endWithin(receiver, receiverGraceMs);
    });
    const [sent, received, flowed] = await Promise.allSettled([sender.done, receiver.done, flow, cutShort]);
    const failure = firstCause([
      ended.aborted ? ended.reason : null,
      reasonOf(sent),
      reasonOf(received),
      ...zfsFailures(
        {
          place: source.name,
          argv: options.send,
          result: sent.status === 'fulfilled' ? sent.value : null,
          said,
        },
        {
          place: sink.name,
          argv: options.receive,
          result: received.status === 'fulfilled' ? received.value : null,
        },
      ),
      // Where both ended with 0 all has arrived, whichever closed its end first.
      isClosedEarly(reasonOf(flowed)) ? null : reasonOf(flowed),
    ]);
    if (failure !== null) throw failure;
    const { totalBytes: estimatedBytes } = meter.progress();
    return {
      ...{ bytes: meter.streamBytes(), contentBytes: meter.contentBytes(), estimatedBytes },
      warnings: received.status === 'fulfilled' ? warningsOf(received.value) : [],
    };
  } finally {
    clearTimeout(stall);
    signal.removeEventListener('abort', onAbort);
  }
}

async function startBoth(
  options: TransferOptions,
  signal: AbortSignal,
): Promise<[RunningCommand, RunningCommand]> {
  const [sender, receiver] = await Promise.allSettled([
    options.source.stream(options.send, { signal }),
    options.sink.stream(options.receive),
  ]);
  if (sender.status === 'fulfilled' && receiver.status === 'fulfilled') {
    sender.value.stdin.end();
    // Says nothing; but what nobody reads keeps a command from ending.
    receiver.value.stdout.resume();
    return [sender.value, receiver.value];
  }
  for (const started of [sender, receiver]) {
    if (started.status !== 'fulfilled') continue;
    started.value.kill();
    await Promise.allSettled([started.value.done]);
  }
  throw firstCause([sender, receiver].map(reasonOf)) ?? new Error('neither end started, and none said why');
}

/**
 * True for a receiver that ended with 0: it has seen the end of the stream, and need not wait for that of its pipe, which
 * comes when the sender has ended. Asked when it has closed its end, so it is ending.
 */
async function hasAll(receiver: RunningCommand): Promise<boolean> {
  try {
    return (await receiver.done).exitCode === 0;
  } catch {
    // Why it ended otherwise is told by `done`, which is looked at besides.
    return false;
  }
}

/** Rejects once the command has ended in any way but well; never resolves before the command has. */
async function failureOf(command: RunningCommand): Promise<void> {
  const { exitCode } = await command.done;
  if (exitCode !== 0) throw new Error('the command failed');
}

async function endWithin(command: RunningCommand, milliseconds: number): Promise<void> {
  const timer = setTimeout(() => {
    command.kill();
  }, milliseconds);
  try {
    await Promise.allSettled([command.done]);
  } finally {
    clearTimeout(timer);
  }
}

interface SideResult {
  readonly place: string;
  readonly argv: Argv;
  readonly result: CommandResult | null;
}

/**
 * The failures of the two ends, the likelier cause first: a receiver that only says that its stream was cut, or a
 * sender that only found its pipe closed, is the victim of the other.
 */
function zfsFailures(
  sender: SideResult & { readonly said: readonly string[] },
  receiver: SideResult,
): unknown[] {
  const receiverError = failure(receiver);
  const senderError = failure({
    ...sender,
    result: sender.result === null ? null : { ...sender.result, stderr: sender.said.join('\n') },
  });
  // One that had to be ended hung at the end of a stream that was cut.
  const isVictim = receiverError?.code === 'stream-incomplete' || receiver.result?.exitCode === null;
  return isVictim ? [senderError, receiverError] : [receiverError, senderError];
}

function failure({ place, argv, result }: SideResult): RoamhomeError | null {
  return result === null || result.exitCode === 0 ? null : zfsError(place, argv, result);
}

function reasonOf(settled: PromiseSettledResult<unknown>): unknown {
  return settled.status === 'rejected' ? settled.reason : null;
}

function firstCause(causes: readonly unknown[]): Error | null {
  const cause = causes.find((one) => one !== null && one !== undefined) ?? null;
  return cause === null || cause instanceof Error ? cause : new Error('unknown failure', { cause });
}

function stalledError({ source, sink, stallMs }: TransferOptions): RoamhomeError {
  return new RoamhomeError({
    code: 'stalled',
    message: `no data moved from ${source.name} to ${sink.name} for ${stallMs / 1000} s`,
    remedy:
      'What arrived is kept; the next run resumes it. Look at the disks of both sides (`zpool status`, `zpool iostat`), then at the network: the connection itself was not lost.',
    retryable: true,
  });
}
