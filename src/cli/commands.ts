import { registerCheckpoint } from './checkpoint.ts';
import { registerCompletion } from './completion.ts';
import { registerConfig } from './config-show.ts';
import { registerConflicts } from './conflicts.ts';
import type { RegisterCommand } from './context.ts';
import { registerDiff } from './diff.ts';
import { doctorAt } from './doctor.ts';
import { registerExclude } from './exclude.ts';
import { installAt, uninstallAt } from './install.ts';
import { manOf } from './man.ts';
import { notifyAt } from './notify.ts';
import { registerProvision } from './provision/provision.ts';
import { registerPush } from './push.ts';
import { registerRestore } from './restore.ts';
import { registerRollback } from './rollback.ts';
import { registerSchedule } from './schedule.ts';
import { registerLogin, registerLogout } from './session-commands.ts';
import { registerSnapshots } from './snapshots.ts';
import { registerStatus } from './status.ts';
import { registerTend } from './tend.ts';
import { registerThin } from './thin.ts';
import { registerVersions } from './versions.ts';
import { watchConsoleAt } from './watch-console.ts';

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
