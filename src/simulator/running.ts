import { Readable, Writable } from 'node:stream';
import type { Argv, CommandResult, RunningCommand } from '../host/host.ts';
import type { Limits } from '../host/limits.ts';
import { StderrLines } from '../host/stderr-lines.ts';
import { sayFailure, startCommand } from './execute.ts';
import type { Machine } from './machine.ts';
import type { InputSession, Transact } from './stream/receive.ts';

/** What a command with streams is started with. */
export interface StreamStart {
  readonly argv: Argv;
  readonly limits: Limits;
  readonly machine: Machine;
  readonly transactInto: (out: (text: string) => void, err: (text: string) => void) => Transact;
}

/** The read end of a pipe that the command has closed. */
function brokenPipe(): Error {
  return Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
}

/** Starts a command whose input and output are streams. */
export function startStream({ argv, limits, machine, transactInto }: StreamStart): RunningCommand {
  const stderr = new StderrLines();
  const text: Buffer[] = [];
  const err = (said: string): void => {
    stderr.push(Buffer.from(said));
  };
  const transact = transactInto((said) => text.push(Buffer.from(said)), err);
  const started = startCommand(transact, err, argv.slice(1));

  let settle: (result: CommandResult) => void = () => undefined;
  let fail: (reason: Error) => void = () => undefined;
  const done = new Promise<CommandResult>((resolve, reject) => {
    settle = resolve;
    fail = reject;
  });
  // A caller may look at `done` only after its streams have failed; until then the rejection is not unhandled.
  done.catch(() => undefined);
  let ended = false;

  const session = started.kind === 'reading' ? started.session : null;
  // What a command says that reads its input is known at its end.
  const stdout =
    session === null
      ? outputOf(started.kind === 'sending' ? started.chunks : text)
      : new Readable({ read: () => undefined });
  const stdin = session === null ? ignoredInput() : inputOf(session, err, finish);
  // A pipe that breaks is told by `done`; without a listener it would be an uncaught exception.
  stdin.on('error', () => undefined);
  stdout.on('error', () => undefined);

  function finish(exitCode: number | null, signal: string | null = null): void {
    if (ended) return;
    ended = true;
    machine.running.delete(kill);
    limits.signal.removeEventListener('abort', onAbort);
    limits.release();
    stderr.end();
    if (session !== null && !stdout.destroyed) for (const piece of [...text, null]) stdout.push(piece);
    const result = (): void => {
      settle({ stdout: '', stderr: stderr.text(), exitCode, signal });
    };
    // The result comes when what was printed has been read.
    if (signal !== null || stdout.readableEnded || stdout.destroyed) result();
    else stdout.once('close', result);
  }

  function kill(): void {
    if (!ended) {
      session?.interrupt();
      finish(null, 'SIGTERM');
    }
    // Also when it has ended by itself: what it printed is not waited for any more.
    stdout.destroy();
    stdin.destroy();
  }

  function onAbort(): void {
    if (ended) return;
    const reason = limits.signal.reason as Error;
    session?.interrupt();
    fail(reason);
    finish(null, 'SIGTERM');
    stdout.destroy(reason);
    stdin.destroy();
  }

  machine.running.add(kill);
  limits.signal.addEventListener('abort', onAbort);
  if (started.kind === 'ended') finish(started.exitCode);
  else if (session?.isOver() === true) finish(0);
  else if (started.kind === 'sending') {
    stdout.once('end', () => {
      finish(0);
    });
    // The reader has gone: the sender dies of a broken pipe.
    stdout.once('close', () => {
      finish(null, 'SIGPIPE');
    });
  }

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

/** Chunks as they are asked for. */
function outputOf(chunks: Iterable<Buffer>): Readable {
  const iterator = chunks[Symbol.iterator]();
  return new Readable({
    highWaterMark: 64 * 1024,
    read() {
      const next = iterator.next();
      this.push(next.done === true ? null : next.value);
    },
  });
}

function ignoredInput(): Writable {
  return new Writable({
    write: (_chunk, _encoding, callback) => {
      callback();
    },
  });
}

function inputOf(
  session: InputSession,
  err: (said: string) => void,
  finish: (exitCode: number) => void,
): Writable {
  const attempt = (work: () => void): boolean => {
    try {
      work();
      return true;
    } catch (error) {
      finish(sayFailure({ err }, error));
      return false;
    }
  };
  const atEnd = (): void => {
    attempt(() => {
      if (session.isOver()) return;
      session.end();
      finish(0);
    });
  };
  return new Writable({
    highWaterMark: 64 * 1024,
    write: (chunk: Buffer, _encoding, callback) => {
      if (session.isOver()) {
        callback(brokenPipe());
        return;
      }
      const taken = attempt(() => {
        session.write(chunk);
        if (session.isOver()) finish(0);
      });
      callback(taken ? null : brokenPipe());
    },
    final: (callback) => {
      atEnd();
      callback();
    },
    // A writer that closes its end of the pipe, for whatever reason, is the end of the stream to the reader.
    destroy: (error, callback) => {
      atEnd();
      callback(error);
    },
  });
}
