import type { Argv } from '../../host/host.ts';
import { shellWord } from '../../host/shell-word.ts';
import type { DatasetName } from '../../zfs/names.ts';
import { directoryTask } from '../directory-task.ts';
import { installTask } from '../install-task.ts';
import type { Machine } from '../machine.ts';
import { parentDatasetTask } from '../parent-dataset.ts';
import type { Settings } from '../settings-file.ts';
import { roleTask } from '../role-task.ts';
import { settingsTask } from '../settings-task.ts';
import { alreadySo, type Task } from '../task.ts';
import { syncGroupTask } from './sync-group.ts';
import { hostKeyTask } from './host-key.ts';
import { findPublicKey, keyPairTask } from './key-pair.ts';
import { poolTask, type WantedPool } from './pool.ts';
import { clientParentProperties, keyDirectory } from './wanted-client.ts';

/** What a Mac or workstation is to be. */
export interface ClientSetup {
  /** The homes on this machine. */
  readonly root: DatasetName;
  /** Made first; null: the pool is there. */
  readonly pool: Omit<WantedPool, 'confirm'> | null;
  readonly server: { readonly address: string; readonly port: number };
  /** What the server's host key has to be; undefined: a person is asked. */
  readonly fingerprint: string | undefined;
  /** The name that this machine goes by. */
  readonly mac: string;
  /** Whose members' homes roam. */
  readonly group: string;
  readonly settings: Settings;
  readonly defaults: Settings;
}

/** What a run of `provision client` has besides the setup. */
export interface ClientRun {
  readonly confirm: (lines: readonly string[]) => Promise<void>;
  /** This Roamhome, as it is called. */
  readonly local: Argv;
  /** Lets the key in on the server; null: that is left to a person. */
  readonly addKey: readonly Task[] | null;
}

/** All that makes a machine one that homes roam to, in an order in which each finds what it needs. */
export function clientTasks(machine: Machine, setup: ClientSetup, run: ClientRun): readonly Task[] {
  const { confirm } = run;
  const directory = keyDirectory(machine.kind);
  const properties = clientParentProperties(machine.kind);
  return [
    roleTask(machine, 'mac'),
    directoryTask(machine, directory),
    hostKeyTask(machine, {
      ...setup.server,
      ...{ knownHostsFile: `${directory}/known_hosts`, fingerprint: setup.fingerprint, confirm },
    }),
    ...(setup.pool === null ? [] : [poolTask(machine, { ...setup.pool, confirm })]),
    parentDatasetTask(machine, { dataset: setup.root, properties }, { poolToCome: setup.pool !== null }),
    syncGroupTask(machine, setup.group),
    keyPairTask(machine, directory, setup.mac),
    settingsTask(machine, { ...setup.settings, role: 'mac' }, setup.defaults),
    ...(run.addKey ?? [tellKeyTask(machine, directory, setup.mac)]),
    installTask(machine, { title: 'the jobs and hooks', words: [], local: run.local }),
  ];
}

/** Only the server's admin can let the key in: what they have to run. */
function tellKeyTask(machine: Machine, directory: string, mac: string): Task {
  return {
    title: 'the public key, for the server’s admin',
    machine,
    look: async (signal) => {
      const key = await findPublicKey(machine, directory, signal);
      const text = key === null ? '(the public key, once it is made)' : `${key.type} ${key.base64}`;
      const command = `roamhome provision key add ${mac} ${key === null ? text : shellWord(text)}`;
      return { ...alreadySo, left: [`on the server, as root, unless it was done: ${command}`] };
    },
  };
}
