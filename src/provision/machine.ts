import type { Host } from '../host/host.ts';
import type { Platform } from '../platform/platform.ts';
import type { SyncZfs } from '../zfs/sync-zfs.ts';

/** What `uname -s` says, as far as anything is done there. */
export type MachineKind = 'linux' | 'macos' | 'freebsd' | 'illumos';

/** A machine that is set up, with the rights of root: this one, or one that is reached over SSH. */
export interface Machine {
  /** For messages: `this machine`, or `admin@server.example`. */
  readonly name: string;
  readonly kind: MachineKind;
  readonly isRemote: boolean;
  /** Its commands, whatever they are: not only zfs, as a Mac's key may. */
  readonly host: Host;
  readonly zfs: SyncZfs;
  /** Its users and groups. */
  readonly platform: Pick<Platform, 'findAccount' | 'isMember'>;
}
