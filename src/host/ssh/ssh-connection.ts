import type { Socket } from 'node:net';
import type { Client, ClientChannel } from 'ssh2';
import { RoamhomeError } from '../../errors/errors.ts';
import { hostAndPort, type ResolvedSshOptions } from './ssh-options.ts';
import { watchPulse } from './ssh-pulse.ts';

/** Milliseconds that a farewell may take. A dead link answers nothing. */
const CLOSE_LIMIT_MS = 1000;

/** A connection that is logged in. */
export class SshConnection {
  readonly #client: Client;
  readonly #socket: Socket;
  readonly #where: string;
  readonly #lostListeners = new Set<(error: RoamhomeError) => void>();
  #lost: RoamhomeError | undefined;
  #cause: unknown;

  constructor(client: Client, socket: Socket, options: ResolvedSshOptions) {
    this.#client = client;
    this.#socket = socket;
    this.#where = hostAndPort(options);
    const stopPulse = watchPulse(socket, options, (error) => {
      this.#cause ??= error;
      socket.destroy();
    });
    client.on('error', (error) => {
      this.#cause ??= error;
    });
    client.once('close', () => {
      stopPulse();
      const lost = this.#lostError();
      this.#lost = lost;
      for (const listener of [...this.#lostListeners]) listener(lost);
    });
  }

  /** Calls back when the connection ends, for whatever reason; at once if it has. Returns how to stop listening. */
  onLost(listener: (error: RoamhomeError) => void): () => void {
    if (this.#lost !== undefined) {
      listener(this.#lost);
      return () => undefined;
    }
    this.#lostListeners.add(listener);
    return () => {
      this.#lostListeners.delete(listener);
    };
  }

  /** Starts a command on a channel of its own. Rejects with the signal's reason, or when the connection is lost. */
  exec(commandLine: string, signal: AbortSignal): Promise<ClientChannel> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      if (this.#lost !== undefined) throw this.#lost;
      const fail = (error: Error): void => {
        signal.removeEventListener('abort', onAbort);
        offLost();
        reject(error);
      };
      const onAbort = (): void => {
        fail(signal.reason as Error);
      };
      const offLost = this.onLost(fail);
      signal.addEventListener('abort', onAbort);
      try {
        this.#client.exec(commandLine, { env: { LC_ALL: 'C' } }, (error, channel) => {
          if (error !== undefined) {
            fail(this.#refused(commandLine, error));
          } else if (signal.aborted) {
            channel.close();
          } else {
            signal.removeEventListener('abort', onAbort);
            offLost();
            resolve(channel);
          }
        });
      } catch (error) {
        // ssh2 throws 'Not connected' at once on a connection that has just ended.
        this.#cause ??= error;
        fail(this.#lostError());
      }
    });
  }

  /** Says goodbye and closes; within a second even if nobody answers. */
  async close(): Promise<void> {
    if (this.#lost !== undefined) return;
    const closed = new Promise<void>((resolve) => {
      this.onLost(() => {
        resolve();
      });
    });
    const timer = setTimeout(() => {
      this.#socket.destroy();
    }, CLOSE_LIMIT_MS);
    this.#client.end();
    await closed;
    clearTimeout(timer);
  }

  #lostError(): RoamhomeError {
    const detail = this.#cause instanceof Error ? `: ${this.#cause.message}` : '';
    return new RoamhomeError({
      code: 'connection-lost',
      message: `the connection to ${this.#where} was lost${detail}`,
      remedy: 'What was sent so far is kept on the other side; the next run goes on from there.',
      retryable: true,
      cause: this.#cause,
    });
  }

  #refused(commandLine: string, cause: Error): RoamhomeError {
    // The error of a channel that was never opened, because the connection ended, comes here a moment before 'close'.
    if (this.#socket.destroyed || !this.#socket.writable) return this.#lostError();
    // Only a channel that could not be opened has a reason; a command that was refused has none.
    const noChannel = 'reason' in cause;
    return new RoamhomeError({
      code: 'command-refused',
      message: `${this.#where} ${noChannel ? 'opens no channel for' : 'does not start'}: ${commandLine.slice(0, 80)} (${cause.message})`,
      remedy:
        'On the server, sshd_config must allow commands: MaxSessions at least 10, a ForceCommand only if it is the gate.',
      retryable: noChannel,
      cause,
    });
  }
}
