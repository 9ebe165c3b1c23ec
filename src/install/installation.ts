import type { Config } from '../config/schema.ts';

/** What this machine is: a Mac, a Linux workstation that takes the place of one, or a server of either system. */
export interface Role {
  readonly kind: 'macos' | 'linux';
  readonly server: boolean;
  /** On a Mac: follow the console instead of relying on the hooks. */
  readonly watchConsole: boolean;
}

/** Where this Roamhome is, and what its jobs are to be like: all that the files depend on that are written. */
export interface Installation {
  readonly version: string;
  /** Absolute. */
  readonly node: string;
  /** Absolute: dist/main.js. */
  readonly program: string;
  readonly spoolDir: string;
  readonly stateDir: string;
  readonly statusDir: string;
  /** Whether a session begins with what the login had to say. */
  readonly notice: Config['progress']['notice'];
  readonly jobs: Config['jobs'];
  /** Puts this machine's regular pushes at a minute of their own, so that not all Macs come at once. */
  readonly macName: string;
}
