import { isUnfinished, type HomeState } from '../../sync/home-state.ts';
import { conflictDataset, nextHomeFor } from './conflict-names.ts';
import { executeLocally } from '../../sync/execute.ts';
import { planRecovery, unfinishedConflict } from './recover.ts';
import { setAsideProperty } from '../../sync/properties.ts';
import { namesOf } from './set-aside.ts';
import type { Step } from '../../sync/step.ts';
import { isRoamhomeError } from '../../errors/errors.ts';
import { parseDatasetName, type DatasetName } from '../../zfs/names.ts';
import type { Session } from '../session.ts';
import { observeLocalAt } from '../observing.ts';

/**
 * Finishes what a crash cut short while the home was being set aside: where there is no home, its successor takes the
 * place; where the successor has it, it is made independent. With this Mac alone, for the server may be away. True: it
 * did something.
 */
export async function recoverHome(session: Session, home: HomeState | null): Promise<boolean> {
  const conflictsRoot = parseDatasetName(session.config.local.conflictsRoot);
  if (home === null) return adoptNextHome(session);
  const cloned = unfinishedConflict(home, conflictsRoot) ?? newestSetAside(home, conflictsRoot);
  const conflict = cloned === null ? null : await observeLocalAt(session, cloned, 'ignore');
  const steps = conflict === null ? [] : planRecovery(home, conflict, conflictsRoot);
  if (conflict === null || steps.length === 0) return false;
  session.log.warn('set-aside-resumed', { user: session.user, dataset: home.root, conflict: conflict.root });
  let isDone = false;
  for (const step of steps) isDone = (await recover(session, step)) || isDone;
  return isDone;
}

/** False: it cannot be done, and the home does without it. */
async function recover({ local, log, user, signal }: Session, step: Step): Promise<boolean> {
  try {
    await executeLocally(step, local, signal);
    return true;
  } catch (error) {
    const isOfKey = isRoamhomeError(error, 'encryption-root', 'key-not-loaded');
    if (step.kind !== 'move-back' || !isOfKey) throw error;
    log.warn('not-moved-back', { user, dataset: step.from, error });
    return false;
  }
}

/** A home that came in full tells by no origin what it has taken the place of. */
function newestSetAside({ datasets }: HomeState, conflictsRoot: DatasetName): DatasetName | null {
  const root = datasets.find(({ path }) => path === '');
  const name = namesOf(root?.properties[setAsideProperty]).at(-1);
  return name === undefined ? null : conflictDataset(conflictsRoot, name);
}

async function adoptNextHome(session: Session): Promise<boolean> {
  const { user, localHome, config, log } = session;
  const next = nextHomeFor(config.local.conflictsRoot, user);
  const found = await observeLocalAt(session, next, 'ignore');
  if (found === null || found.datasets.some(isUnfinished)) return false;
  log.warn('set-aside-resumed', { user, dataset: localHome, next });
  await executeLocally({ kind: 'rename', from: next, to: localHome }, session.local, session.signal);
  return true;
}
