import { ZfsFailure } from './failure.ts';
import type { Call, Machine } from './machine.ts';
import { parentOf } from './model.ts';

/** True when the user may do that on the dataset: by what is allowed on it, or on one above it. */
export function isAllowed(machine: Machine, user: string, name: string, permission: string): boolean {
  if (user === 'root') return true;
  for (let at: string | null = name; at !== null; at = parentOf(at)) {
    const delegations = machine.datasets.get(at)?.delegations;
    for (const who of [`user ${user}`, 'everyone']) {
      const given = delegations?.get(who);
      if (given === undefined) continue;
      if ((at === name ? given.local : given.descendent).has(permission)) return true;
    }
  }
  return false;
}

/** Throws `WHAT: permission denied` unless the caller has all of the permissions. */
export function demand(call: Call, what: string, name: string, ...permissions: readonly string[]): void {
  if (permissions.every((permission) => isAllowed(call.machine, call.user, name, permission))) return;
  throw new ZfsFailure(`${what}: permission denied`);
}
