import { isUnfinished, type HomeState } from '../replication/home-state.ts';
import { nextHomeFor } from '../replication/conflict-names.ts';
import { executeLocally } from '../replication/execute.ts';
import { planRecovery, unfinishedConflict } from '../replication/recover.ts';
import { parseDatasetName } from '../zfs/names.ts';
import type { Session } from './session.ts';
import { observeLocalAt } from './observing.ts';

/**
 * Finishes what a crash cut short while the home was being set aside: where there is no home, its successor takes the
 * place; where the successor has it, it is made independent. With this Mac alone, for the server may be away. True: it
 * did something.
 */
export async function recoverHome(session: Session, home: HomeState | null): Promise<boolean> {
  const conflictsRoot = parseDatasetName(session.config.local.conflictsRoot);
  if (home === null) return adoptNextHome(session);
  const cloned = unfinishedConflict(home, conflictsRoot);
  const conflict = cloned === null ? null : await observeLocalAt(session, cloned, 'ignore');
  if (conflict === null) return false;
  session.log.warn('set-aside-resumed', { user: session.user, dataset: home.root, conflict: conflict.root });
  for (const step of planRecovery(home, conflict, conflictsRoot))
    await executeLocally(step, session.local, session.signal);
  return true;
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
