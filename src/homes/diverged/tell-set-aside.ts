import { localTime } from '../../format/time.ts';
import type { Conflict } from './conflict.ts';
import { conflictDataset, parseConflictName } from './conflict-names.ts';
import type { HomeState } from '../../sync/home-state.ts';
import { setAsideProperty } from '../../sync/properties.ts';
import { namesOf, namesValue } from './set-aside.ts';
import { setProperties } from '../../zfs/commands/change.ts';
import type { Findings } from '../report.ts';
import type { Session } from '../session.ts';

/**
 * Tells of the lines that earlier logins have set aside and that are still on this Mac, all in one line. The home itself names them, so
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
  const older: SetAside[] = [];
  for (const name of names) {
    const since = parseConflictName(name, user)?.since;
    if (since === undefined) continue;
    const dataset = conflictDataset(config.local.conflictsRoot, name);
    if (!(await local.exists(dataset, { signal }))) continue;
    kept.push(name);
    if (dataset !== now?.setAside) older.push({ name, dataset, since });
  }
  tellOlder(older, findings);
  if (kept.length === names.length || root === undefined) return;
  await local.run(setProperties(root.name, { [setAsideProperty]: namesValue(kept) }), { signal });
}

interface SetAside {
  readonly name: string;
  readonly dataset: string;
  /** Seconds since the epoch. */
  readonly since: number;
}

/** As many as fit a line. */
const shownNames = 3;

function tellOlder(older: readonly SetAside[], findings: Findings): void {
  const [first] = older;
  if (first === undefined) return;
  const since = localTime(1000 * Math.min(...older.map((one) => one.since)));
  const shown = older.slice(0, shownNames).map(({ dataset }) => dataset);
  const more = older.length > shown.length ? ` and ${older.length - shown.length} more` : '';
  findings.warn(
    older.length === 1
      ? `what was made on this Mac since ${since} is still set aside, as ${first.dataset}: ` +
          `\`roamhome conflicts show ${first.name}\` says what to do with it`
      : `what was made on this Mac at ${older.length} times, the first since ${since}, is still set aside, as ${shown.join(', ')}${more}: ` +
          '`roamhome conflicts list` shows them',
    `What you made on this computer since ${since} is still kept separately. Ask your admin for it.`,
  );
}
