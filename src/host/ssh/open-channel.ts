import pRetry from 'p-retry';
import type { ClientChannel } from 'ssh2';
import { isRoamhomeError } from '../../errors/errors.ts';
import type { SshConnection } from './ssh-connection.ts';

/**
 * Starts a command, trying again for about 1.5 s while the server opens no more channels. sshd counts a session against
 * MaxSessions until its process has been collected, which is later than the client sees it closed.
 */
export function openChannel(
  connection: SshConnection,
  commandLine: string,
  signal: AbortSignal,
): Promise<ClientChannel> {
  return pRetry(() => connection.exec(commandLine, signal), {
    retries: 5,
    minTimeout: 50,
    factor: 2,
    signal,
    shouldRetry: ({ error }) => isRoamhomeError(error, 'command-refused') && error.retryable,
  });
}
