import { policyPath, policyText, shellZfsText, type GatePlaces } from '../../gate/policy.ts';
import { shellZfs } from '../../install/places.ts';
import type { DatasetName } from '../../zfs/names.ts';
import { directoryChanges, fileChanges, readEntry } from '../entry.ts';
import { findGate, policyDirectories } from '../key/gate.ts';
import { listKeys } from '../key/key-tasks.ts';
import type { Machine } from '../machine.ts';
import { alreadySo, toDo, type Change, type Task } from '../task.ts';
import { findAccount } from './account.ts';

/** The directory of root's that lshell looks for zfs in first. */
export const shellDirectory = '/etc/roamhome/bin';

/** Where the gate looks for zfs itself (gate/main.ts). */
const gateKnows = /^\/(?:usr\/sbin|sbin|usr\/local\/sbin|usr\/local\/zfs\/bin|usr\/bin)\/zfs$/;

/** Whether the gate can stand behind lshell, and with what; else why not, with what closes it. */
type ShellJudge =
  | { readonly places: Omit<GatePlaces, 'policy'>; readonly macs: readonly string[] }
  | { readonly missing: string };

/** Looks whether the gate's judge can stand before zfs. Changes nothing. */
export async function findShellJudge(
  machine: Machine,
  account: string,
  signal: AbortSignal,
): Promise<ShellJudge> {
  const places = await findGate(machine, signal);
  if (places === null)
    return { missing: 'unpack roamhome.tgz there (README), and run `roamhome provision server` again' };
  const zfs = (await machine.host.run(['sh', '-c', 'command -v zfs'], { signal })).stdout.trim();
  if (!gateKnows.test(zfs)) return { missing: `put a link to ${zfs} in /usr/local/sbin, and run this again` };
  if ((await findAccount(machine, account, signal)) === null) return { places, macs: [] };
  const keys = await listKeys(machine, account, signal);
  const nameless = keys.find(({ mac }) => mac === null);
  if (nameless === undefined) return { places, macs: keys.flatMap(({ mac }) => mac ?? []) };
  return {
    missing: `name the Mac of each key with \`roamhome provision key add MAC KEY.pub\` (${nameless.fingerprint} is of none), and run this again`,
  };
}

/** Policies of the keys that are let in, and the zfs that lshell finds first. Before lshell is told of it. */
export function shellZfsTask(
  machine: Machine,
  {
    account,
    homes,
    conflicts,
  }: { readonly account: string; readonly homes: DatasetName; readonly conflicts: DatasetName },
): Task {
  return {
    title: 'the judge of commands and streams behind lshell',
    machine,
    look: async (signal) => {
      const judge = await findShellJudge(machine, account, signal);
      if ('missing' in judge)
        return {
          ...alreadySo,
          left: [
            `lshell alone judges no stream: a stolen Mac's key reads every dataset of the pool that has a snapshot, and sets any user property (docs/security.md). To close it: ${judge.missing}`,
          ],
        };
      const changes: Change[] = [];
      for (const path of [...policyDirectories, shellDirectory]) {
        const entry = await readEntry(machine.host, path, signal);
        changes.push(...directoryChanges(entry, path, { mode: entry?.mode ?? 0o755, owner: 'root' }));
      }
      for (const mac of judge.macs) {
        const path = policyPath(mac);
        // One that is there says what an admin let the key do.
        if ((await readEntry(machine.host, path, signal)) !== null) continue;
        const text = policyText({ mac, homes, conflicts, users: ['*'], mode: 'append' });
        changes.push(...fileChanges(null, { path, text, mode: 0o644, owner: 'root' }));
      }
      const program = {
        ...{ path: shellZfs, text: shellZfsText(judge.places), mode: 0o755 },
        owner: 'root' as const,
      };
      return toDo(...changes, ...fileChanges(await readEntry(machine.host, shellZfs, signal), program));
    },
  };
}
