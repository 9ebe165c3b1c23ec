import type { Argv } from '../../host/host.ts';
import { keyDirectory } from '../client/wanted-client.ts';
import { directoryTask } from '../directory-task.ts';
import { installTask } from '../install-task.ts';
import { authorizedKeysTask, keysPlaceTasks } from '../key/key-tasks.ts';
import type { Machine } from '../machine.ts';
import { macNameRules } from '../../platform/name-rules.ts';
import { parentDatasetTask, parentProperties, type WantedParent } from '../parent-dataset.ts';
import { roleTask } from '../role-task.ts';
import { settingsTask } from '../settings-task.ts';
import type { Settings } from '../settings-file.ts';
import type { Task } from '../task.ts';
import { accountTask, findAccount, groupTask } from './account.ts';
import { delegationBelowTask, delegationTask } from './delegation.ts';
import { forcedKeysTask } from './choose-restriction.ts';
import { findLshell, lshellTask } from './lshell.ts';
import { rootLimitsTask } from './root-limits.ts';
import type { WantedLimits } from './wanted-limits.ts';
import { shellZfsTask } from './shell-zfs.ts';
import { sshdTask, waysInTask } from './sshd.ts';
import { newAccountHome, type ServerSetup } from './wanted-server.ts';

/** What a run of `provision server` knows besides the setup. */
export interface ServerRun {
  /** Takes permissions away that the account does not need. */
  readonly isExact: boolean;
  /** What settings are without a file. */
  readonly defaults: Settings;
  /** This Roamhome, as it is called. */
  readonly local: Argv;
  /** What bounds the two roots. */
  readonly limits: Readonly<Record<'homes' | 'conflicts', WantedLimits>>;
}

/** All that makes a machine a server, in an order in which each finds what it needs. */
export function serverTasks(machine: Machine, setup: ServerSetup, run: ServerRun): readonly Task[] {
  const { account, group, restriction, because } = setup;
  const homeOf = async (signal: AbortSignal): Promise<string> =>
    (await findAccount(machine, account, signal))?.home ?? newAccountHome(account);
  const roots = [setup.root, setup.conflictsRoot];
  const settings = {
    role: 'server',
    'server.root': setup.root,
    'server.conflictsRoot': setup.conflictsRoot,
    'server.user': account,
    syncGroup: group,
  };
  return [
    roleTask(machine, 'server'),
    ...roots.map((dataset) =>
      parentDatasetTask(
        machine,
        dataset === setup.root ? wantedRoot(setup) : { dataset, properties: parentProperties },
        { poolToCome: false },
      ),
    ),
    rootLimitsTask(machine, setup.root, run.limits.homes),
    rootLimitsTask(machine, setup.conflictsRoot, run.limits.conflicts),
    groupTask(machine, group),
    ...(restriction === 'gate' ? [forcedKeysTask(machine, account)] : []),
    accountTask(machine, {
      ...{ name: account, group, home: newAccountHome(account) },
      keptBy: `${restriction === 'gate' ? 'the gate' : 'lshell'} (${because})`,
      // What sshd hands the forced command of the gate to; behind lshell any command line.
      shellOf:
        restriction === 'gate' ? () => Promise.resolve('/bin/sh') : (signal) => findLshell(machine, signal),
    }),
    ...keysPlaceTasks(machine, account, homeOf),
    authorizedKeysTask(machine, account, homeOf),
    // lshell refuses everything to an account without a home.
    ...(restriction === 'lshell'
      ? [
          shellZfsTask(machine, { account, homes: setup.root, conflicts: setup.conflictsRoot }),
          lshellTask(machine, account, homeOf),
        ]
      : []),
    ...[sshdTask, waysInTask].map((task) => task(machine, { account, restriction, homeOf })),
    ...roots.flatMap((dataset) =>
      [delegationTask, delegationBelowTask].map((task) =>
        task(machine, { account, dataset, isExact: run.isExact }),
      ),
    ),
    directoryTask(machine, keyDirectory(machine.kind)),
    settingsTask(machine, settings, run.defaults),
    installTask(machine, { title: 'the job that thins and tends', words: ['--server'], local: run.local }),
  ];
}

/** Homes that `user add` makes take after it. */
function wantedRoot({ root, names }: ServerSetup): WantedParent {
  const hint =
    `${root} is made for names as Linux has them (case-sensitive, not normalised). For homes of Macs, before the first one is there: ` +
    `zfs rename ${root} ${root}-before, then roamhome provision server --for macs`;
  return {
    dataset: root,
    properties: { ...parentProperties, ...(names === 'macs' && macNameRules) },
    ...(names === null && { hint }),
  };
}
