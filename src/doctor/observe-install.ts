import { access } from 'node:fs/promises';
import type { Role } from '../install/installation.ts';
import type { Machine } from '../install/machine.ts';
import { namedNodes } from '../install/named-nodes.ts';
import { observeMachine } from '../install/observe-machine.ts';
import { planInstall } from '../install/plan-install.ts';
import { knownJobs, type Wanted } from '../install/wanted.ts';
import type { InstallState } from './checks/jobs.ts';

export interface InstallToLookAt {
  readonly machine: Machine;
  readonly kind: Role['kind'];
  readonly server: boolean;
  readonly wantedFor: (role: Role) => Promise<Wanted>;
}

/** What `roamhome install` would find to do on this machine. Changes nothing. Throws what observing and wanting throw. */
export async function observeInstall(look: InstallToLookAt): Promise<InstallState> {
  const { machine, kind, server, wantedFor } = look;
  // Whether the console is watched was chosen at installing, and is written down nowhere else.
  const watchConsole =
    kind === 'macos' && !server && (await machine.services.stateOf('watch-console')) !== 'absent';
  const role: Role = { kind, server, watchConsole };
  const wanted = await wantedFor(role);
  const there = await observeMachine(machine, wanted, knownJobs(kind));
  let goneNode: string | null = null;
  for (const node of namedNodes(there)) if (!(await isThere(node))) goneNode ??= node;
  return { role, actions: planInstall(wanted, there), goneNode };
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
