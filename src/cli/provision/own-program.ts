import type { Argv } from '../../host/host.ts';

/** How this Roamhome is called again, as the jobs' own installer. */
export function ownProgram(): Argv {
  return [process.execPath, process.argv[1] ?? ''];
}
