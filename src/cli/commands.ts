import { registerCheckpoint } from './checkpoint/command.ts';
import { registerCompletion } from './completion/command.ts';
import { registerConfig } from './config/command.ts';
import { registerConflicts } from './conflicts/command.ts';
import type { RegisterCommand } from './framework/context.ts';
import { registerDiff } from './diff/command.ts';
import { doctorAt } from './doctor/command.ts';
import { registerExclude } from './exclude/command.ts';
import { installAt, uninstallAt } from './install/command.ts';
import { manOf } from './man/command.ts';
import { notifyAt } from './notify/command.ts';
import { registerProvision } from './provision/provision.ts';
import { registerPush } from './push/command.ts';
import { registerRestore } from './restore/command.ts';
import { registerRollback } from './rollback/command.ts';
import { registerSchedule } from './schedule/command.ts';
import { registerLogin, registerLogout } from './session/command.ts';
import { registerSnapshots } from './snapshots/command.ts';
import { registerStatus } from './status/command.ts';
import { registerTend } from './tend/command.ts';
import { registerThin } from './thin/command.ts';
import { registerVersions } from './versions/command.ts';
import { watchConsoleAt } from './watch-console/command.ts';

/** Every command, in the order of `roamhome --help`. */
export const commands: readonly RegisterCommand[] = [
  registerLogin,
  registerLogout,
  registerCheckpoint,
  registerPush,
  registerStatus,
  registerSnapshots,
  registerVersions,
  registerDiff,
  registerRestore,
  registerRollback,
  registerConflicts,
  registerExclude,
  registerTend,
  registerThin,
  registerSchedule,
  registerProvision,
  installAt(),
  uninstallAt(),
  watchConsoleAt(),
  notifyAt(),
  doctorAt(),
  registerConfig,
  registerCompletion,
  manOf(() => commands),
];
