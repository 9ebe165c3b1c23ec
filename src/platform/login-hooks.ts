import type { Argv } from '../host/host.ts';

/** The programs that the system calls at each login and logout, one of each. The methods throw `command-failed`. */
export interface LoginHooks {
  /** The program's path; null when there is none. */
  read(hook: 'LoginHook' | 'LogoutHook'): Promise<string | null>;
  /** Whether a configuration profile keeps the system from calling it. */
  isSkipped(hook: 'LoginHook' | 'LogoutHook'): Promise<boolean>;
  writeArgv(hook: 'LoginHook' | 'LogoutHook', path: string): Argv;
  deleteArgv(hook: 'LoginHook' | 'LogoutHook'): Argv;
}
