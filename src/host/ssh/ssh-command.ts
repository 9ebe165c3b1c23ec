import type { ClientChannel } from 'ssh2';
import { RoamhomeError } from '../../errors/errors.ts';
import { briefArgv, OUTPUT_LIMIT_BYTES, tooMuchOutputError } from '../command-errors.ts';
import { ChannelInput, ChannelOutput } from './channel-streams.ts';
import type { Argv, CommandResult, RunningCommand } from '../host.ts';
import type { Limits } from '../limits.ts';
import type { SshConnection } from './ssh-connection.ts';
import { StderrLines } from '../stderr-lines.ts';

/** Milliseconds that the server has to confirm that a channel is closed, before we go on without. */
const CLOSE_LIMIT_MS = 1000;

/** Follows a command that has been started on a channel, to its end. Releases `limits` then. */
export function followChannel(
  channel: ClientChannel,
  connection: SshConnection,
  argv: Argv,
  limits: Limits,
): RunningCommand {
  const stdin = new ChannelInput(channel);
  const stdout = new ChannelOutput(channel);
  const stderr = new StderrLines();
  let exit: { readonly exitCode: number | null; readonly signal: string | null } | undefined;
  let reason: Error | undefined;
  let killTimer: NodeJS.Timeout | undefined;
  let settle: () => void = () => undefined;

  /** Closes the channel. The server's sshd then closes the command's pipes: it ends at its next read or write. */
  function kill(): void {
    if (killTimer !== undefined) return;
    exit ??= { exitCode: null, signal: 'SIGTERM' };
    killTimer = setTimeout(settle, CLOSE_LIMIT_MS);
    stdin.destroy(reason);
    stdout.destroy(reason);
    channel.close();
  }

  function end(error: Error): void {
    reason ??= error;
    kill();
  }

  function onLost(error: RoamhomeError): void {
    reason ??= error;
    stdin.destroy(reason);
    stdout.destroy(reason);
    settle();
  }

  // The command's end tells why a stream broke; without a listener it would be an uncaught exception.
  stdin.on('error', () => undefined);
  stdout.on('error', () => undefined);
  channel.on('error', end);
  // Not 'exit': ssh2 emits that, for a short command, before its caller has the channel. 'close' waits for a reader.
  channel.once('close', (exitCode: number | null | undefined, signal?: string) => {
    if (exitCode !== undefined) exit ??= { exitCode, signal: signal ?? null };
    if (!stdin.writableFinished) stdin.destroy(brokenPipe());
  });
  channel.stderr.on('data', (chunk: Buffer) => {
    stderr.push(chunk);
    if (stderr.bytes > OUTPUT_LIMIT_BYTES) end(tooMuchOutputError(argv, 'stderr'));
  });

  const done = new Promise<CommandResult>((resolve, reject) => {
    const drained = Promise.all([closing(stdout), closing(channel.stderr, 'end'), closing(channel)]);
    let offLost = (): void => undefined;
    const onAbort = (): void => {
      end(limits.signal.reason as Error);
    };
    settle = () => {
      clearTimeout(killTimer);
      limits.release();
      limits.signal.removeEventListener('abort', onAbort);
      offLost();
      stderr.end();
      if (reason !== undefined) reject(reason);
      else if (exit === undefined) reject(endedWithoutExit(argv));
      else resolve({ stdout: '', stderr: stderr.text(), ...exit });
    };
    void drained.then(settle);
    offLost = connection.onLost(onLost);
    limits.signal.addEventListener('abort', onAbort);
    if (limits.signal.aborted) onAbort();
  });
  // A caller may look at `done` only after its streams have failed; until then the rejection is not unhandled.
  done.catch(() => undefined);

  return {
    stdin,
    stdout,
    onStderrLine: (listener) => {
      stderr.onLine(listener);
    },
    done,
    kill,
  };
}

function closing(stream: NodeJS.EventEmitter, event = 'close'): Promise<void> {
  return new Promise((resolve) => {
    stream.once(event, () => {
      resolve();
    });
  });
}

/** The same as a local child's stdin fails with. */
function brokenPipe(): Error {
  return Object.assign(new Error('write EPIPE: the remote command has ended'), { code: 'EPIPE' });
}

function endedWithoutExit(argv: Argv): RoamhomeError {
  return new RoamhomeError({
    code: 'connection-lost',
    message: `the server closed the channel of ${briefArgv(argv)} without an exit code`,
    remedy: 'The next run looks again at what is on both sides and goes on from there.',
    retryable: true,
  });
}
