import type { Config } from '../../config/schema.ts';
import { keyOptions } from '../../provision/key/authorized-keys.ts';
import { directoryTask } from '../../provision/directory-task.ts';
import { gateOptions, policyDirectories, policyTask } from '../../provision/key/gate.ts';
import {
  addKeyTask,
  demandAccount,
  homeOfAccount,
  keysPlaceTasks,
  type KeyToAdd,
} from '../../provision/key/key-tasks.ts';
import type { Machine } from '../../provision/machine.ts';
import type { Task } from '../../provision/task.ts';
import { parseDatasetName } from '../../zfs/names.ts';

/** What a key behind the gate may do. */
export interface KeyPolicy {
  /** `*`: all. */
  readonly users: readonly string[];
  readonly mode: 'append' | 'read';
}

/** The tasks that let a Mac's key in on a server, behind what the account's shell says is its restriction there. */
export async function keyAdder(
  server: Machine,
  config: Config,
  key: Pick<KeyToAdd, 'mac' | 'publicKey'> & { readonly policy: KeyPolicy },
  signal: AbortSignal,
): Promise<readonly Task[]> {
  const { user: account, root, conflictsRoot } = config.server;
  const { policy, mac, publicKey } = key;
  const isGated = (await demandAccount(server, account, signal)).shell === '/bin/sh';
  const add = addKeyTask(server, account, {
    ...{ mac, publicKey },
    options: (abort) => (isGated ? gateOptions(server, mac, abort) : Promise.resolve(keyOptions(null))),
    today: new Date().toISOString().slice(0, 10),
  });
  const place = keysPlaceTasks(server, account, homeOfAccount(server, account));
  // Behind lshell too: where the gate stands there, it asks for them.
  const homes = parseDatasetName(root);
  const conflicts = parseDatasetName(conflictsRoot);
  return [
    ...place,
    ...policyDirectories.map((directory) => directoryTask(server, directory)),
    policyTask(server, { ...policy, mac, homes, conflicts }),
    add,
  ];
}
