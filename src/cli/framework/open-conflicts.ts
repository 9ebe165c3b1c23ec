import { joinSides, readSide, type ConflictDetails } from '../../homes/conflicts/conflict-details.ts';
import { conflictMissing } from '../../homes/conflicts/conflict-tree.ts';
import { isRoamhomeError } from '../../errors/errors.ts';
import { exitCodeOf } from '../../errors/exit-codes.ts';
import type { Config } from '../../config/schema.ts';
import type { Log } from '../../log/log.ts';
import { unwatched } from '../../progress/event.ts';
import type { Session } from '../../homes/session.ts';
import { logObserver, wireServer, wireSession } from '../../wire/session.ts';
import { childOf, parseDatasetName } from '../../zfs/names.ts';
import { createSyncZfs, type SyncZfs } from '../../zfs/sync-zfs.ts';
import type { CliContext, GlobalOptions } from './context.ts';
import { roleHere } from './demand-side.ts';
import { loadCliConfig } from './load-cli-config.ts';
import { describeError } from './report-error.ts';
import { openLog, openSystem, type System } from '../../wire/system.ts';

/** What the commands about conflicts work with. */
export interface OpenConflicts {
  readonly config: Config;
  /** This is the server: what is set aside here are the branches. */
  readonly isServer: boolean;
  readonly system: System;
  readonly log: Log;
  readonly local: SyncZfs;
  readonly server: SyncZfs;
  /** What `ask` gives with the server; with the server away, what it gives with null, and an exit code that says so. */
  readonly orWithoutServer: <T>(ask: (server: SyncZfs | null) => Promise<T>) => Promise<T>;
  /** A conflict by its name. `here-first`: the server is asked only for one that is not here. Throws `dataset-missing`. */
  readonly find: (name: string, where: 'both' | 'here-first' | 'here') => Promise<ConflictDetails>;
  /** The use cases of a user, on the same connection. */
  readonly sessionOf: (user: string) => Session;
}

/** Runs a command about conflicts with this machine, its log and a connection to the server, and closes them. */
export async function withConflicts(
  options: GlobalOptions & { readonly hasBar?: boolean },
  context: CliContext,
  work: 'look' | 'change',
  task: (open: OpenConflicts) => Promise<void>,
): Promise<void> {
  const loaded = await loadCliConfig(options, work);
  const { config } = loaded;
  const isServer = (await roleHere(loaded)).is === 'server';
  const system = openSystem(config);
  const machineId = await system.platform.machineId();
  const log = openLog(config, system.platform, options);
  const serverHost = wireServer(loaded);
  const observer = logObserver(log);
  const local = createSyncZfs(system.localHost, observer);
  const server = createSyncZfs(serverHost, observer);
  const { signal } = context;

  const orWithoutServer: OpenConflicts['orWithoutServer'] = async (ask) => {
    if (isServer) return ask(local);
    try {
      return await ask(server);
    } catch (error) {
      if (!isRoamhomeError(error, 'server-unreachable', 'connection-lost', 'config-invalid')) throw error;
      tellError(error, options);
      context.noteProblem(error);
      context.setExitCode(exitCodeOf(error));
      return ask(null);
    }
  };
  const find: OpenConflicts['find'] = async (name, where) => {
    const inRoot = (root: string) => childOf(parseDatasetName(root), name);
    const onMac = isServer
      ? null
      : await readSide(local, inRoot(config.local.conflictsRoot), { side: 'mac', signal });
    const ask = where === 'both' || (where === 'here-first' && onMac === null);
    const onServer = !ask
      ? null
      : await orWithoutServer(async (zfs) =>
          zfs === null
            ? null
            : readSide(zfs, inRoot(config.server.conflictsRoot), { side: 'server', signal }),
        );
    const found = joinSides(name, onMac, onServer);
    if (found === null) throw conflictMissing(name);
    return found;
  };
  try {
    await task({
      ...{ config, isServer, system, log, local, server, orWithoutServer, find },
      sessionOf: (user) =>
        wireSession({ ...system, machineId, user, loaded, log, signal, serverHost, onProgress: unwatched }),
    });
  } finally {
    await serverHost.close();
    await system.localHost.close();
    await log.close();
  }
}

/** On standard error: standard output is for what was asked. */
export function tellError(error: unknown, { verbose }: Pick<GlobalOptions, 'verbose'>): void {
  process.stderr.write(`${describeError(error, { verbose }).join('\n')}\n`);
}
