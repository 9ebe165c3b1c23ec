import { localTime } from '../format/time.ts';
import type { Conflict } from '../replication/conflict.ts';
import { conflictDataset, parseConflictName } from '../replication/conflict-names.ts';
import type { HomeState } from '../replication/home-state.ts';
import { setAsideProperty } from '../replication/properties.ts';
import { namesOf, namesValue } from '../replication/set-aside.ts';
import { setProperties } from '../zfs/commands/change.ts';
import type { Findings } from './report.ts';
import type { Session } from './session.ts';

/**
 * Tells of each line that an earlier login has set aside and that is still on this Mac. The home itself names them, so
 * a home without any costs no command. `now`: what this login has told already.
 */
export async function tellSetAside(
  { user, config, local, signal }: Session,
  home: HomeState,
  now: Conflict | null,
  findings: Findings,
): Promise<void> {
  const root = home.datasets.find(({ path }) => path === '');
  const names = namesOf(root?.properties[setAsideProperty]);
  const kept: string[] = [];
  for (const name of names) {
    const since = parseConflictName(name, user)?.since;
    if (since === undefined) continue;
    const dataset = conflictDataset(config.local.conflictsRoot, name);
    if (!(await local.exists(dataset, { signal }))) continue;
    kept.push(name);
    if (dataset === now?.setAside) continue;
    findings.warn(
      `what was made on this Mac since ${localTime(since * 1000)} is still set aside, as ${dataset}: ` +
        `\`roamhome conflicts show ${name}\` says what to do with it`,
      `What you made on this computer since ${localTime(since * 1000)} is still kept separately. Ask your admin for it.`,
    );
  }
  if (kept.length === names.length || root === undefined) return;
  await local.run(setProperties(root.name, { [setAsideProperty]: namesValue(kept) }), { signal });
}
