import { RoamhomeError } from '../../errors/errors.ts';
import { gateCommand, policyPath, policyText, type GatePlaces, type Policy } from '../../gate/policy.ts';
import { fileChanges, readEntry } from '../entry.ts';
import type { Machine } from '../machine.ts';
import { toDo, type Task } from '../task.ts';
import { keyOptions } from './authorized-keys.ts';

/** Where the policies of the keys are: root's, to be read by the account, as which the gate runs. */
export const policyDirectories: readonly string[] = ['/etc/roamhome', '/etc/roamhome/keys'];

/** DIST/main.js behind the command `roamhome`, and node. */
const findScript = [
  'program=$(command -v roamhome) || exit 1',
  'main=$(readlink -f "$program") && gate=$(dirname "$main")/gate.js && [ -f "$gate" ] || exit 1',
  'node=$(command -v node) && echo "$node" && echo "$gate"',
].join('; ');

/** Where node and the gate are on the machine; null: it has no Roamhome with one. */
export async function findGate(
  machine: Machine,
  signal: AbortSignal,
): Promise<Omit<GatePlaces, 'policy'> | null> {
  const { stdout, exitCode } = await machine.host.run(['sh', '-c', findScript], { signal });
  const [node, gate] = stdout.split('\n');
  return exitCode === 0 && node !== undefined && gate !== undefined ? { node, gate } : null;
}

/** The options of a key behind the gate. Throws `in-the-way` where there is no Roamhome. */
export async function gateOptions(machine: Machine, mac: string, signal: AbortSignal): Promise<string> {
  const found = await findGate(machine, signal);
  if (found !== null) return keyOptions(gateCommand({ ...found, policy: policyPath(mac) }));
  throw new RoamhomeError({
    code: 'in-the-way',
    message: `${machine.name} has no Roamhome with a gate, or no node`,
    remedy: 'Unpack roamhome.tgz there (README), with a link to it in /usr/local/bin; then run this again.',
  });
}

/** What the key may do: before the key is let in. policyDirectories are there by then. */
export function policyTask(machine: Machine, policy: Policy): Task {
  const path = policyPath(policy.mac);
  return {
    title: `what the key of ${policy.mac} may do`,
    machine,
    look: async (signal) => {
      const file = { path, text: policyText(policy), mode: 0o644, owner: 'root' as const };
      return toDo(...fileChanges(await readEntry(machine.host, path, signal), file));
    },
  };
}

/** No policy for the Mac any more. */
export function noPolicyTask(machine: Machine, mac: string): Task {
  const path = policyPath(mac);
  return {
    title: `no policy of ${mac}`,
    machine,
    look: async (signal) =>
      (await readEntry(machine.host, path, signal)) === null
        ? toDo()
        : toDo({ kind: 'run', does: `remove ${path}`, argv: ['rm', '-f', path] }),
  };
}
