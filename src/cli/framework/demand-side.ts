import type { LoadedConfig } from '../../config/merge.ts';
import { configFiles } from '../../config/load.ts';
import { isRoamhomeError, RoamhomeError } from '../../errors/errors.ts';
import { listGrants } from '../../zfs/commands/permissions.ts';
import { parseDatasetName } from '../../zfs/names.ts';
import { createSyncZfs } from '../../zfs/sync-zfs.ts';
import type { GlobalOptions } from './context.ts';
import { loadSettings } from './load-cli-config.ts';
import { commandOf, sideOf, wantsProof, type Flags, type Side } from './sides.ts';
import { isSetUp, minds, tellNotSetUp } from './set-up.ts';
import { openSystem } from '../../wire/system.ts';
import { systemKind } from '../../config/system-kind.ts';

/** What a machine is, and what says so. */
export interface Role {
  /** null: nothing says it. */
  readonly is: 'mac' | 'server' | null;
  readonly because: string;
}

/**
 * What this machine is: by its own file, else as a Mac where a server is named, else as the server where its account may
 * receive homes. A file that cannot be relied on says nothing: then a logout goes on, and what destroys does not.
 */
export async function roleHere(loaded: LoadedConfig): Promise<Role> {
  const { config, origins, replaced } = loaded;
  const { role, server } = config;
  if (replaced.has('role') || replaced.has('server.address'))
    return { is: null, because: 'a setting that says so is wrong' };
  if (role !== undefined) return { is: role, because: `role in ${origins.get('role') ?? 'the settings'}` };
  if (server.address !== undefined)
    return { is: 'mac', because: `server.address in ${origins.get('server.address') ?? 'the settings'}` };
  return (await isDelegated(loaded))
    ? { is: 'server', because: `${server.user} may receive in ${server.root} here` }
    : { is: null, because: 'role is not set' };
}

async function isDelegated({ config }: LoadedConfig): Promise<boolean> {
  const { localHost } = openSystem(config);
  try {
    const silent = { command: () => undefined, warning: () => undefined };
    const grants = await createSyncZfs(localHost, silent).run(
      listGrants(parseDatasetName(config.server.root)),
    );
    return grants.some(
      ({ who, permissions }) =>
        who === `user ${config.server.user}` && permissions.some((one) => /^receive(:append)?$/.test(one)),
    );
  } catch (error) {
    // No zfs, no such dataset, an answer that is not understood: nothing says that this is a server.
    if (!isRoamhomeError(error)) throw error;
    return false;
  } finally {
    await localHost.close();
  }
}

/** Refuses a command line that belongs to the other side, or needs a machine that is set up. Throws `wrong-machine`, `config-invalid`. */
export async function demandSide(
  words: readonly (string | number)[],
  options: Flags & Pick<GlobalOptions, 'config' | 'set'>,
  tell = (line: string) => void process.stderr.write(`${line}\n`),
): Promise<void> {
  const command = commandOf(words);
  if (command === null) return;
  const wanted = sideOf(command, options);
  if (wanted === 'both' && !minds(command)) return;
  const loaded = await loadSettings(options);
  const isNew = !isSetUp(loaded);
  if (wanted === 'both' && !isNew) return;
  const role = await roleHere(loaded);
  const refusal = wanted === 'both' ? null : judgeSide({ command, wanted }, role, loaded);
  if (refusal !== null) throw refusal;
  if (isNew && role.is === null && minds(command)) tellNotSetUp(command, tell);
}

/** Null: the command may be run here. Pure. */
export function judgeSide(
  { command, wanted }: { readonly command: string; readonly wanted: Exclude<Side, 'both'> },
  role: Role,
  { config, replaced }: Pick<LoadedConfig, 'config' | 'replaced'>,
): RoamhomeError | null {
  const { address } = config.server;
  if (wanted === 'mac') {
    if (role.is !== 'server') return null;
    return wrongMachine(
      `this machine is the server (${role.because}); ${command} is for Macs and workstations`,
      `Run it on a Mac. If this machine is one: \`roamhome provision role mac\`.`,
    );
  }
  const line = command === 'tend' || command.startsWith('provision') ? command : `${command} --server`;
  if (role.is === 'mac')
    return wrongMachine(
      `this machine is a Mac or workstation (${role.because}); ${line} is for the server`,
      `Run it on ${address ?? 'the server'}. If this machine is the server, ${
        address === undefined ? '' : `take server.address out of ${ownFile()}, then `
      }run \`roamhome provision role server\`.`,
    );
  if (role.is === 'server' && address !== undefined && !replaced.has('server.address'))
    return wrongMachine(
      `this machine is set up as the server (${role.because}) and as a Mac of ${address} (server.address); a machine that is both is not supported`,
      `Take server.address out of ${ownFile()} if this is the server; else run \`roamhome provision role mac\`.`,
    );
  if (role.is === null && wantsProof.has(command))
    return wrongMachine(
      `nothing says that this machine is the server (${role.because}); ${line} destroys what a Mac may have alone`,
      'Run on the server, as root: `roamhome provision role server`.',
    );
  return null;
}

function ownFile(): string {
  return configFiles({ kind: systemKind(process.platform), file: undefined })[0]?.path ?? 'the settings';
}

function wrongMachine(message: string, remedy: string): RoamhomeError {
  return new RoamhomeError({ code: 'wrong-machine', message, remedy });
}
