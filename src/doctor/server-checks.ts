import { datasetsCheck } from './checks/datasets.ts';
import { serverDelegationCheck } from './checks/delegation.ts';
import { jobsCheck, programCheck } from './checks/jobs.ts';
import { logCheck, settingsCheck, stateCheck } from './checks/machine.ts';
import { rootLimitsCheck } from './checks/root-limits.ts';
import { accountCheck, keysCheck, rootsCheck, sshdCheck, tendedCheck } from './checks/server.ts';
import { arrivedCheck, macsCheck, waitingCheck } from './checks/server-homes.ts';
import { featuresCheck, poolCheck, spaceCheck, zfsCheck } from './checks/zfs.ts';
import type { Facts } from './fact.ts';
import type { Check } from './finding.ts';
import type { ServerKnown } from './known.ts';

/** What is checked on the server, in the order in which it is told. */
export const serverChecks: readonly Check<Facts<ServerKnown>>[] = [
  settingsCheck('server'),
  programCheck,
  jobsCheck,
  zfsCheck('server'),
  poolCheck,
  featuresCheck,
  spaceCheck,
  rootsCheck,
  rootLimitsCheck,
  datasetsCheck(({ filesystems }) => filesystems),
  accountCheck,
  keysCheck,
  sshdCheck,
  serverDelegationCheck,
  tendedCheck,
  arrivedCheck,
  waitingCheck,
  macsCheck,
  logCheck,
  stateCheck,
];
