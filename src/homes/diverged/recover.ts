import type { DatasetName } from '../../zfs/names.ts';
import type { HomeState } from '../../sync/home-state.ts';
import { moveBack, promotions } from './set-aside.ts';
import type { Step } from '../../sync/step.ts';

/** The conflict that the home was cloned from while it was being set aside, and that it still hangs on; null: none. */
export function unfinishedConflict(home: HomeState, conflictsRoot: DatasetName): DatasetName | null {
  const origins = home.datasets.map(({ properties }) => properties['origin'] ?? '-');
  const origin = origins.find((name) => name.startsWith(`${conflictsRoot}/`));
  if (origin === undefined) return null;
  const [name] = origin.slice(conflictsRoot.length + 1).split(/[/@]/);
  return `${conflictsRoot}/${name ?? ''}` as DatasetName;
}

/** What a crash has left undone of a set-aside whose names are changed. `conflict`: the line that was set aside. Pure. */
export function planRecovery(
  home: HomeState,
  conflict: HomeState,
  conflictsRoot: DatasetName,
): readonly Step[] {
  const excluded = conflict.excluded.map(({ name }) => name.slice(conflict.root.length + 1));
  const present = new Set([
    ...home.datasets.map(({ path }) => path),
    ...home.excluded.map(({ name }) => name.slice(home.root.length + 1)),
  ]);
  const clones = home.datasets.filter(({ properties }) =>
    (properties['origin'] ?? '-').startsWith(`${conflictsRoot}/`),
  );
  return [
    ...moveBack(excluded, present, conflict.root, home.root),
    ...promotions(clones.map(({ name }) => name)),
  ];
}
