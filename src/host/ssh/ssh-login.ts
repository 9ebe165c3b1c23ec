import type { Socket } from 'node:net';
import ssh2, { type Client, type ConnectConfig, type PublicKeyAuthMethod } from 'ssh2';
import { RoamhomeError } from '../../errors/errors.ts';
import { DroppedEarly } from './connect-retry.ts';
import { hostKeyError } from './host-key-error.ts';
import { judgeHostKey, knownKeyTypes, type KnownHostEntry } from './known-hosts.ts';
import type { PrivateKey } from './private-key.ts';
import { shellWord } from '../shell-word.ts';
import { nativeCryptoLoaded } from './native-crypto.ts';
import { offeredAlgorithms } from './ssh-algorithms.ts';
import { hostAndPort, type ResolvedSshOptions } from './ssh-options.ts';

/** SSH_DISCONNECT_TOO_MANY_CONNECTIONS (RFC 4253, 11.1). */
const TOO_MANY_CONNECTIONS = 12;

/**
 * Node cuts buffers of up to half of this from a common piece of memory. ssh2 takes one for each packet (32 KiB at most) and we one for
 * each batch of them (channel-streams.ts): with Node's own 8 KiB each would be an allocation that the garbage collector frees.
 */
const BUFFER_POOL_BYTES = 1024 * 1024;

export interface Credentials {
  readonly knownHosts: readonly KnownHostEntry[];
  readonly privateKey: PrivateKey;
}

/** What ssh2 adds to its errors: where they arose, and for a disconnection the number that the server gave. */
type ClientError = Error & { readonly level?: string; readonly code?: string | number };

/** Key exchange, check of the host key and login, over a socket that is connected. One attempt. */
export function logIn(
  socket: Socket,
  options: ResolvedSshOptions,
  { knownHosts, privateKey }: Credentials,
  signal: AbortSignal,
): Promise<Client> {
  const { address, port, user } = options;
  let hostKeyFailure: RoamhomeError | undefined;
  let handshakeDone = false;

  function verifyHostKey(keyBlob: Buffer): boolean {
    const verdict = judgeHostKey({ entries: knownHosts, host: address, port, keyBlob });
    if (verdict.verdict === 'known') return true;
    hostKeyFailure = hostKeyError(verdict, { ...options, keyBlob });
    return false;
  }

  function explain(error: ClientError): Error {
    if (hostKeyFailure !== undefined) return hostKeyFailure;
    if (error.level === 'client-socket' || error.message === 'Connection lost before handshake') {
      return new DroppedEarly(error.message, { cause: error });
    }
    if (error.code === TOO_MANY_CONNECTIONS) return new DroppedEarly(error.message, { cause: error });
    // Once the keys are exchanged, a server that hangs up with a reason ("Too many authentication failures") refuses.
    if (handshakeDone) return authRefused(options, privateKey, error);
    return new RoamhomeError({
      code: 'server-unreachable',
      message: `no SSH with ${hostAndPort(options)}: ${error.message}`,
      remedy: 'Check that the configured port is that of an OpenSSH server that is not older than 7.4.',
      cause: error,
    });
  }

  // Only this: to ask with 'none' first, as ssh2 does by default, costs a round trip and one of MaxAuthTries.
  const publicKey: PublicKeyAuthMethod = { type: 'publickey', username: user, key: privateKey.key };
  const config: ConnectConfig = {
    sock: socket,
    // The caller's signal limits all attempts together.
    readyTimeout: 0,
    keepaliveInterval: options.keepaliveIntervalMs,
    // ssh2 asks, we judge (see watchPulse): it would call a connection dead whose answers stand in line behind data.
    keepaliveCountMax: Number.MAX_SAFE_INTEGER,
    username: user,
    authHandler: [publicKey],
    hostVerifier: verifyHostKey,
    algorithms: offeredAlgorithms(knownKeyTypes(knownHosts, address, port), nativeCryptoLoaded()),
  };
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    Buffer.poolSize = Math.max(Buffer.poolSize, BUFFER_POOL_BYTES);
    const client = new ssh2.Client();
    const onAbort = (): void => {
      socket.destroy();
      reject(signal.reason as Error);
    };
    const fail = (error: Error): void => {
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      reject(error);
    };
    const onClose = (): void => {
      fail(new DroppedEarly('the server closed the connection during the login'));
    };
    signal.addEventListener('abort', onAbort);
    // Stays for the life of the client: an error without a listener would be an uncaught exception.
    client.on('error', (error: ClientError) => {
      fail(explain(error));
    });
    client.once('close', onClose);
    client.once('handshake', () => {
      handshakeDone = true;
    });
    client.once('ready', () => {
      signal.removeEventListener('abort', onAbort);
      client.removeListener('close', onClose);
      resolve(client);
    });
    client.connect(config);
  });
}

function authRefused(options: ResolvedSshOptions, key: PrivateKey, cause: Error): RoamhomeError {
  const { user, identityFile } = options;
  return new RoamhomeError({
    code: 'auth-refused',
    message: `${hostAndPort(options)} refuses ${user} with the key ${key.fingerprint} (${identityFile})`,
    remedy: `Have the server's admin add what this prints to the authorized_keys of ${user}: ssh-keygen -y -f ${shellWord(identityFile)}`,
    cause,
  });
}
