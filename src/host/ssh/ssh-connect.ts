import { RoamhomeError } from '../../errors/errors.ts';
import { errnoOf } from '../command-errors.ts';
import { DroppedEarly, retryDropped } from './connect-retry.ts';
import { parseKnownHosts, type KnownHostEntry } from './known-hosts.ts';
import { loadPrivateKey } from './private-key.ts';
import { readTrustedFile, type Refuse } from '../own-file.ts';
import { SshConnection } from './ssh-connection.ts';
import { logIn } from './ssh-login.ts';
import { hostAndPort, type ResolvedSshOptions } from './ssh-options.ts';
import { openSocket } from './ssh-socket.ts';

/** Connects and logs in within `connectTimeoutMs`, trying again when the server drops a connection early. */
export async function connectSsh(
  options: ResolvedSshOptions,
  cancelled: AbortSignal,
): Promise<SshConnection> {
  // Read at once: the connection shall be under way before the rest of a login takes turns with it.
  const credentials = {
    privateKey: loadPrivateKey(options.identityFile),
    knownHosts: readKnownHosts(options.knownHostsFile),
  };
  // How far the present attempt has come, and why the one before was dropped: the error that the time limit ends in.
  let progress = `no answer from ${hostAndPort(options)}`;
  let dropped: DroppedEarly | undefined;

  const limit = new AbortController();
  const timer = setTimeout(() => {
    limit.abort(outOfTime(options, progress, dropped));
  }, options.connectTimeoutMs);
  const onCancel = (): void => {
    limit.abort(cancelled.reason);
  };
  cancelled.addEventListener('abort', onCancel);
  if (cancelled.aborted) onCancel();

  async function attempt(): Promise<SshConnection> {
    try {
      const socket = await openSocket(options, limit.signal);
      progress = `${hostAndPort(options)} accepts connections but does not get through with the login`;
      const client = await logIn(socket, options, credentials, limit.signal);
      return new SshConnection(client, socket, options);
    } catch (error) {
      if (error instanceof DroppedEarly) {
        dropped = error;
        progress = `${hostAndPort(options)} drops each connection before the login is through (${error.message})`;
      }
      throw error;
    }
  }

  try {
    return await retryDropped(attempt, { random: options.random, signal: limit.signal });
  } finally {
    clearTimeout(timer);
    cancelled.removeEventListener('abort', onCancel);
  }
}

/** No file is a file that knows no host; one that cannot be read, or that others than root could write, is an error. */
export function readKnownHosts(file: string): readonly KnownHostEntry[] {
  let text: string;
  try {
    text = readTrustedFile(file, unusable);
  } catch (error) {
    if (error instanceof RoamhomeError && errnoOf(error.cause) === 'ENOENT') return [];
    throw error;
  }
  return parseKnownHosts(text, file);
}

const unusable: Refuse = (message, remedy, more) =>
  new RoamhomeError({
    code: 'file-unreadable',
    message,
    remedy:
      more.commands === undefined
        ? 'Correct its permissions: without it no server can be recognised.'
        : `${remedy}. Compare its keys with the server's first: somebody else may have put one in.`,
    ...more,
  });

function outOfTime(options: ResolvedSshOptions, progress: string, cause: unknown): RoamhomeError {
  return new RoamhomeError({
    code: 'server-unreachable',
    message: `${progress}, within ${options.connectTimeoutMs / 1000} s`,
    remedy: 'The home on this machine is complete; what is new in it is sent when the server is back.',
    retryable: true,
    cause,
  });
}
