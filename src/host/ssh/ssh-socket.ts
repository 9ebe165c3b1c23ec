import { connect, type Socket } from 'node:net';
import { RoamhomeError } from '../../errors/errors.ts';
import { errnoOf } from '../command-errors.ts';
import { DroppedEarly } from './connect-retry.ts';
import { createLookup } from './lookup-name.ts';
import { createReadMemory } from '../read-memory.ts';
import { hostAndPort, type ResolvedSshOptions } from './ssh-options.ts';

/** Opens the TCP connection. Rejects with the signal's reason when it aborts. */
export function openSocket(options: ResolvedSshOptions, signal: AbortSignal): Promise<Socket> {
  const { address, port, connectTimeoutMs } = options;
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const memory = createReadMemory();
    const socket: Socket = connect({
      // As Node itself does with each piece, but for its size.
      onread: { buffer: memory.next, callback: (bytes) => socket.push(memory.take(bytes)) },
      host: address,
      port,
      lookup: createLookup(signal),
      // A command is three small messages: without this each waits for the acknowledgement of the one before.
      noDelay: true,
      autoSelectFamily: true,
      // Node's 250 ms for each address of a name are too short for a far server over a slow link.
      autoSelectFamilyAttemptTimeout: Math.max(250, Math.min(2000, Math.round(connectTimeoutMs / 4))),
    });
    const onAbort = (): void => {
      socket.destroy();
      reject(signal.reason as Error);
    };
    const onError = (error: Error): void => {
      signal.removeEventListener('abort', onAbort);
      reject(explain(error, options));
    };
    signal.addEventListener('abort', onAbort);
    socket.once('error', onError);
    socket.once('connect', () => {
      signal.removeEventListener('abort', onAbort);
      socket.removeListener('error', onError);
      resolve(socket);
    });
  });
}

function explain(error: Error, options: ResolvedSshOptions): Error {
  const errno = errnoOf(error);
  // A listener whose queue is full may answer so; it is as good as a connection dropped a moment later.
  if (errno === 'ECONNRESET') return new DroppedEarly('the connection was reset', { cause: error });
  const where = hostAndPort(options);
  switch (errno) {
    case 'ECONNREFUSED':
      return unreachable(
        `${where} refuses connections`,
        'Check that sshd runs on the server, and the configured port.',
        error,
      );
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return unreachable(
        `the name ${options.address} cannot be looked up (${errno})`,
        'Check the network, and the configured server name.',
        error,
      );
    case undefined:
    default:
      return unreachable(`cannot reach ${where}: ${errno ?? error.message}`, 'Check the network.', error);
  }
}

function unreachable(message: string, remedy: string, cause: Error): RoamhomeError {
  return new RoamhomeError({ code: 'server-unreachable', message, remedy, retryable: true, cause });
}
