import type { Host } from '../host/host.ts';
import type { LoginHooks } from '../platform/login-hooks.ts';
import type { ServiceManager } from '../platform/services.ts';
import type { SystemFiles } from './system-files.ts';

/** The machine that is set up. */
export interface Machine {
  readonly host: Host;
  readonly files: SystemFiles;
  readonly services: ServiceManager;
  /** Null: the system calls nobody at a login. */
  readonly hooks: LoginHooks | null;
}
