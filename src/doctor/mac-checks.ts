import { connectionCheck, hostKeyCheck, keyCheck, nativeCheck, restrictionCheck } from './checks/access.ts';
import { datasetsCheck } from './checks/datasets.ts';
import { delegationCheck } from './checks/delegation.ts';
import { homesCheck, mountsCheck } from './checks/homes.ts';
import { hooksCheck, jobsCheck, programCheck } from './checks/jobs.ts';
import { groupCheck, logCheck, settingsCheck, stateCheck } from './checks/machine.ts';
import { clockCheck, conflictsCheck, pendingCheck, sentCheck, sessionsCheck } from './checks/syncing.ts';
import { featuresCheck, poolCheck, spaceCheck, zfsCheck } from './checks/zfs.ts';
import type { Facts } from './fact.ts';
import type { Check } from './finding.ts';
import type { MacKnown } from './known.ts';

/** What is checked on a Mac or a workstation, in the order in which it is told. */
export const macChecks = (kind: 'macos' | 'linux'): readonly Check<Facts<MacKnown>>[] => [
  settingsCheck('mac'),
  programCheck,
  jobsCheck,
  ...(kind === 'macos' ? [hooksCheck] : []),
  groupCheck(kind),
  zfsCheck('mac'),
  poolCheck,
  featuresCheck,
  spaceCheck,
  homesCheck,
  datasetsCheck(({ tree }) => tree),
  mountsCheck,
  keyCheck,
  hostKeyCheck,
  connectionCheck,
  restrictionCheck,
  delegationCheck('server'),
  nativeCheck,
  sentCheck,
  pendingCheck,
  conflictsCheck,
  sessionsCheck,
  clockCheck,
  logCheck,
  stateCheck,
];
