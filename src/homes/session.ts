import type { LoadedConfig } from '../config/merge.ts';
import type { Config } from '../config/schema.ts';
import type { RoamhomeError } from '../errors/errors.ts';
import type { Host } from '../host/host.ts';
import type { Identity } from '../host/local.ts';
import type { Log } from '../log/log.ts';
import type { Platform } from '../platform/platform.ts';
import type { ProgressSink } from '../progress/event.ts';
import type { FileFacts } from './mount/file-facts.ts';
import { folderProperty, setAsideProperty, unchangedProperty, unsentProperty } from '../sync/properties.ts';
import type { DatasetName } from '../zfs/names.ts';
import type { SyncZfs } from '../zfs/sync-zfs.ts';
import type { FolderFiles } from './mount/folder-files.ts';
import type { AcquireLock } from './lock/lock.ts';
import type { Mountpoints } from './mount/mountpoints.ts';
import type { MachineIdentity } from './presence/session-record.ts';
import type { Spool } from './pending/spool.ts';

/** The server as a session sees it: nothing is sent until `connect` or a command. */
export interface Server {
  readonly zfs: SyncZfs;
  /** Opens the one connection of the run; may be called early, and by several. */
  connect(signal: AbortSignal): Promise<void>;
  /** Ends the connection, once nothing more is to be asked; again is no harm. */
  close(): Promise<void>;
}

/** All that a login or a logout works with. Built in one place, src/wire/session.ts. */
export interface Session {
  readonly user: string;
  readonly config: Config;
  /** The settings whose value stands in for a wrong one. */
  readonly replaced: LoadedConfig['replaced'];
  /** Why nothing is sent: a setting that sending depends on is wrong; null: it may be. */
  readonly held: RoamhomeError | null;
  readonly platform: Platform;
  /** Which machine this is, whatever it is called; null: it does not say. */
  readonly machineId: string | null;
  readonly local: SyncZfs;
  readonly localHome: DatasetName;
  readonly serverHome: DatasetName;
  /** Where the home is mounted: `/Users/alice`. */
  readonly mountpoint: string;
  readonly mountpoints: Mountpoints;
  readonly files: FileFacts;
  readonly folders: FolderFiles;
  /** This machine's commands with the rights of a user. */
  readonly hostAs: (owner: Identity) => Host;
  readonly server: Server;
  readonly log: Log;
  readonly acquireLock: AcquireLock;
  /** Asks another run, by its pid, to end in order. */
  readonly askToEnd: (pid: number) => void;
  readonly spool: Spool;
  /** Whether the user has roamed on this Mac before: good for a guess, and for nothing that has to be right. */
  readonly hasRoamedHere: () => Promise<boolean>;
  readonly now: () => Date;
  /** Milliseconds; rejects when the session is aborted. */
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly signal: AbortSignal;
  /** For whoever watches. */
  readonly onProgress: ProgressSink;
}

/** This machine, as its records of sessions name it. */
export function identityOf({ config, machineId }: Session): MachineIdentity {
  return { macName: config.local.macName, machineId };
}

/** Every dataset property of the homes on this system, for one `zfs list`. */
export function homeProperties({ platform }: Session): readonly string[] {
  return [
    ...Object.keys(platform.homeProperties),
    setAsideProperty,
    unsentProperty,
    folderProperty,
    unchangedProperty,
  ];
}
