import type { LoadedConfig } from '../config/merge.ts';
import { listHomes, type MacTools } from '../doctor/ask-mac.ts';
import type { MachineTools } from '../doctor/ask-machine.ts';
import type { ServerTools } from '../doctor/ask-server.ts';
import type { Argv, Host } from '../host/host.ts';
import { parsePasswdEntry } from '../platform/linux/getent.ts';
import type { Platform } from '../platform/platform.ts';
import type { ProcessEntry } from '../platform/process-list.ts';
import { wireServer } from './session.ts';
import { createSyncZfs, type ZfsObserver } from '../zfs/sync-zfs.ts';

export interface DoctorParts extends Pick<
  MachineTools,
  'machine' | 'observeInstall' | 'programs' | 'signal'
> {
  readonly loaded: LoadedConfig;
  readonly localHost: Host;
  readonly kind: 'macos' | 'linux';
  readonly platform: Platform;
  readonly listProcesses: () => Promise<readonly ProcessEntry[]>;
  readonly observer: ZfsObserver;
}

/** What a Mac is looked at with. `serverHost` is to be closed. */
export function wireMacDoctor(parts: DoctorParts): MacTools {
  const { loaded, localHost, observer, platform, signal } = parts;
  const { config } = loaded;
  const zfs = createSyncZfs(localHost, observer);
  const serverHost = wireServer(loaded);
  const listed = listHomes({ loaded, zfs, platform, signal });
  // Those who ask for it say why it failed.
  listed.catch(() => undefined);
  return {
    ...parts,
    config,
    zfs,
    serverHost,
    server: createSyncZfs(serverHost, observer),
    isServer: false,
    now: Date.now,
    tree: () => listed,
  };
}

/** What the server is looked at with. */
export function wireServerDoctor(parts: DoctorParts): ServerTools {
  const { loaded, localHost, observer } = parts;
  const { config } = loaded;
  const argv: Argv = ['getent', 'passwd', config.server.user];
  const account = localHost.run(argv).then((result) => parsePasswdEntry(argv, result, config.server.user));
  // Those who ask for it say why it failed.
  account.catch(() => undefined);
  return {
    ...parts,
    config,
    host: localHost,
    zfs: createSyncZfs(localHost, observer),
    isServer: true,
    now: Date.now,
    account: () => account,
  };
}
