import type { LoadedConfig } from '../config/merge.ts';
import type { Config } from '../config/schema.ts';
import type { CommandResult } from '../host/host.ts';
import type { HookKind } from '../install/hooks.ts';
import type { WeakFile } from '../host/others-can-change.ts';
import type { Status } from '../homes/status/collect.ts';
import type { PendingHome } from '../homes/pending/spool.ts';
import type { ListedFilesystem } from '../zfs/commands/list-filesystems.ts';
import type { ServerDataset } from '../zfs/commands/list-server-datasets.ts';
import type { SshdSettings } from '../provision/server/sshd-ways-in.ts';
import type { ZfsVersions } from '../zfs/commands/zfs-version.ts';
import type { DatasetName } from '../zfs/names.ts';
import type { Dataset } from '../zfs/version.ts';
import type { KeyState } from './checks/access.ts';
import type { RootGrants } from './checks/delegation.ts';
import type { InstallState } from './checks/jobs.ts';
import type { AccountHome } from './checks/homes.ts';
import type { OwnDirectory } from './checks/machine.ts';
import type { AuthorizedKeys, ServerAccount } from './checks/server.ts';
import type { PoolState } from './checks/zfs.ts';

/** What any machine is asked. */
export interface MachineKnown {
  readonly config: Config;
  readonly settings: LoadedConfig;
  readonly now: number;
  readonly zfs: ZfsVersions;
  readonly pools: readonly PoolState[];
  readonly volumes: readonly DatasetName[];
  readonly install: InstallState;
  readonly weak: readonly WeakFile[];
  readonly logTrouble: string | null;
  readonly directories: readonly OwnDirectory[];
}

/** What a Mac is asked besides; each is explained where it is judged, in checks/. */
export interface MacKnown extends MachineKnown {
  readonly skippedHooks: readonly HookKind[];
  readonly group: boolean;
  readonly machineId: string | null;
  readonly homeProperties: Readonly<Record<string, string>>;
  readonly homeNames: Readonly<Record<string, string>> | null;
  readonly tree: readonly Dataset[];
  readonly accountHomes: ReadonlyMap<string, AccountHome>;
  readonly running: ReadonlySet<number>;
  readonly uids: ReadonlyMap<string, number | null>;
  readonly conflicts: readonly Dataset[];
  readonly pending: readonly PendingHome[];
  readonly nativeCrypto: boolean;
  readonly key: KeyState;
  readonly trust: boolean;
  readonly connection: { readonly milliseconds: number };
  readonly forbidden: CommandResult;
  readonly grants: readonly RootGrants[];
  readonly onServer: readonly ServerDataset[];
}

/** What the server is asked besides. */
export interface ServerKnown extends MachineKnown {
  readonly filesystems: readonly ListedFilesystem[];
  readonly grants: readonly RootGrants[];
  readonly grantsBelow: readonly RootGrants[];
  readonly lshell: string | null;
  readonly shellTrial: CommandResult | null;
  readonly account: ServerAccount | null;
  readonly authorizedKeys: AuthorizedKeys | null;
  readonly sshd: SshdSettings;
  readonly lastRun: number | null;
  /** How homes, conflicts and Macs stand. */
  readonly status: Status;
}
