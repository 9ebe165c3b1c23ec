import { cancelledError, spawnError } from '../host/command-errors.ts';
import type { Argv, CommandResult, Host, RunningCommand, RunOptions } from '../host/host.ts';
import { startLimits } from '../host/limits.ts';
import { sayFailure, startCommand } from './execute.ts';
import type { Machine } from './machine.ts';
import type { Transact } from './stream/receive.ts';
import { startStream } from './running.ts';

/** Where a simulated host's commands run, and as whom. */
export interface SimulatedHostOptions {
  /** For messages: `this Mac`, or the server's address. */
  readonly name: string;
  readonly machine: Machine;
  /** `root`, or a user who may do what `zfs allow` says. */
  readonly user?: string;
}

/** A command that was asked for. `exitCode` is null until it has ended, and when it was killed. */
export interface LoggedCommand {
  readonly argv: Argv;
  exitCode: number | null;
}

/** A host whose zfs is the model. */
export interface SimulatedHost extends Host {
  /** Every zfs command in the order of its start. */
  readonly commandLog: readonly LoggedCommand[];
}

/** Runs `zfs` on a machine in this process; it has no other program. */
export function createSimulatedHost({ name, machine, user = 'root' }: SimulatedHostOptions): SimulatedHost {
  const commandLog: LoggedCommand[] = [];
  const closing = new AbortController();
  const active = new Set<Promise<unknown>>();

  function transactInto(out: (text: string) => void, err: (text: string) => void): Transact {
    const call = { machine, user, out, err };
    return (work) => work(call);
  }

  function log(argv: Argv): LoggedCommand {
    const [program] = argv;
    if (program !== 'zfs') {
      throw spawnError(
        argv,
        '/simulated',
        Object.assign(new Error(`spawn ${program} ENOENT`), { code: 'ENOENT' }),
      );
    }
    const logged: LoggedCommand = { argv, exitCode: null };
    commandLog.push(logged);
    return logged;
  }

  function runNow(argv: Argv, options: RunOptions): CommandResult {
    for (const signal of [closing.signal, options.signal]) {
      if (signal?.aborted === true) throw cancelledError(argv, signal.reason);
    }
    const logged = log(argv);
    let [stdout, stderr] = ['', ''];
    const err = (text: string): void => {
      stderr += text;
    };
    const transact = transactInto((text) => (stdout += text), err);
    const started = startCommand(transact, err, argv.slice(1));
    let exitCode = started.kind === 'ended' ? started.exitCode : 0;
    if (started.kind === 'sending') {
      for (const chunk of started.chunks) stdout += chunk.toString();
    } else if (started.kind === 'reading') {
      try {
        started.session.end();
      } catch (error) {
        exitCode = sayFailure({ err }, error);
      }
    }
    logged.exitCode = exitCode;
    return { stdout, stderr, exitCode, signal: null };
  }

  async function stream(argv: Argv, options: RunOptions = {}): Promise<RunningCommand> {
    const limits = startLimits(argv, options, closing.signal);
    try {
      limits.signal.throwIfAborted();
      const logged = log(argv);
      const command = startStream({ argv, limits, transactInto, machine });
      const settled: Promise<unknown> = command.done.then(
        ({ exitCode }) => {
          logged.exitCode = exitCode;
          active.delete(settled);
        },
        () => active.delete(settled),
      );
      active.add(settled);
      return await Promise.resolve(command);
    } catch (error) {
      limits.release();
      throw error;
    }
  }

  return {
    name,
    commandLog,
    // Async, so that what it throws is a rejection.
    run: async (argv, options = {}) => Promise.resolve(runNow(argv, options)),
    stream,
    close: async () => {
      closing.abort(new Error('the host was closed'));
      await Promise.all(active);
    },
  };
}
