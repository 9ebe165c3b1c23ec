import { cancelledError } from '../command-errors.ts';
import { collectOutput } from '../collect-output.ts';
import type { Argv, CommandResult, Host, RunningCommand, RunOptions } from '../host.ts';
import { orAbort, startLimits, type Limits } from '../limits.ts';
import { openChannel } from './open-channel.ts';
import { remoteCommand } from '../remote-words.ts';
import { Slots } from './slots.ts';
import { followChannel } from './ssh-command.ts';
import { connectSsh } from './ssh-connect.ts';
import type { SshConnection } from './ssh-connection.ts';
import { resolveSshOptions, type SshHostOptions } from './ssh-options.ts';

/** sshd allows 10 sessions on a connection (MaxSessions), and one that was cut off counts until its command ends. */
const MAX_CHANNELS = 8;

/** A server reached by SSH. All its commands go over one connection, each on a channel of its own. */
export interface SshHost extends Host {
  /**
   * Connects and logs in, once for all callers: call it early, await it (or any command) later. A failure is kept: all
   * later calls fail with it at once. After a connection was lost, the next call makes a new one.
   */
  connect(signal?: AbortSignal): Promise<void>;
  /**
   * Asks for `true`, which does nothing and which an account that is restricted to zfs must not be given: the one
   * command that is not zfs. Rejects as `run` does.
   */
  runForbidden(options?: RunOptions): Promise<CommandResult>;
}

/** Makes a host of a server; connects at the first command, or by `connect()`. */
export function createSshHost(sshOptions: SshHostOptions): SshHost {
  const options = resolveSshOptions(sshOptions);
  const slots = new Slots(MAX_CHANNELS);
  const closing = new AbortController();
  let connecting: Promise<SshConnection> | undefined;

  function connection(): Promise<SshConnection> {
    if (connecting !== undefined) return connecting;
    const mine = connectSsh(options, closing.signal);
    connecting = mine;
    mine.then(
      (established) =>
        established.onLost(() => {
          if (connecting === mine) connecting = undefined;
        }),
      // Kept for those who await it later; until then the rejection is not unhandled.
      () => undefined,
    );
    return mine;
  }

  async function connect(signal?: AbortSignal): Promise<void> {
    const limits = startLimits(
      ['ssh', options.address],
      signal === undefined ? {} : { signal },
      closing.signal,
    );
    try {
      await orAbort(connection(), limits.signal);
    } finally {
      limits.release();
    }
  }

  async function startLine(argv: Argv, line: string, runOptions: RunOptions): Promise<RunningCommand> {
    const limits = startLimits(argv, runOptions, closing.signal);
    try {
      return await start(argv, line, limits);
    } catch (error) {
      limits.release();
      throw error;
    }
  }

  async function stream(argv: Argv, runOptions: RunOptions = {}): Promise<RunningCommand> {
    return startLine(argv, remoteCommand(argv), runOptions);
  }

  async function runForbidden(runOptions: RunOptions = {}): Promise<CommandResult> {
    const argv: Argv = ['true'];
    return collectOutput(await startLine(argv, 'true', runOptions), argv);
  }

  async function start(argv: Argv, line: string, limits: Limits): Promise<RunningCommand> {
    const { signal } = limits;
    const established = await orAbort(connection(), signal);
    const giveBack = await slots.take(signal);
    try {
      const channel = await openChannel(established, line, signal);
      const command = followChannel(channel, established, argv, limits);
      void command.done.then(giveBack, giveBack);
      return command;
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  async function close(): Promise<void> {
    closing.abort(cancelledError(['ssh', options.address], new Error('the host was closed')));
    const established = await connecting?.catch(() => undefined);
    await established?.close();
  }

  return {
    name: options.address,
    connect,
    run: async (argv, runOptions) => collectOutput(await stream(argv, runOptions), argv),
    stream,
    runForbidden,
    close,
  };
}
