import type { DatasetName } from '../../zfs/names.ts';
import type { SyncZfs } from '../../zfs/sync-zfs.ts';
import type { Snapshot } from '../../zfs/version.ts';
import { lateBranch, type ConflictPlaces } from './conflict.ts';
import { conflictDataset } from './conflict-names.ts';
import { pairDatasets, type DatasetState, type HomeState } from '../../sync/home-state.ts';
import { observeHome } from '../../sync/observe.ts';
import { refusalError } from '../../sync/refusal-error.ts';
import { pause, runSteps, type RunOptions } from '../../sync/run-steps.ts';

export interface LateOptions extends RunOptions {
  readonly localHome: DatasetName;
  readonly serverHome: DatasetName;
  readonly places: ConflictPlaces;
}

/** A stream that was cut, what was in the way, and what the server took away meanwhile; more is a bug. */
const maxRounds = 10;

/**
 * Sends a line to the server, beside the home, that was set aside on this Mac when the server could not take it. False: there is
 * more of it to send than one run does. Nothing is to be done where it is not here any more, or the home's own line has
 * it by now. Throws a RoamhomeError; what has arrived stays.
 */
export async function sendLate(name: string, options: LateOptions): Promise<boolean> {
  const { local, server, localHome, serverHome, places, signal } = options;
  const conflict = conflictDataset(places.localConflictsRoot, name);
  const observe = (zfs: SyncZfs, root: DatasetName): Promise<HomeState | null> =>
    observeHome(zfs, root, { tokenReader: local, changes: 'ignore', signal });
  for (let round = 1; round <= maxRounds + options.totals.putOff; round++) {
    const aside = await observe(local, conflict);
    if (aside === null) return true;
    const others = [await observe(local, localHome), await observe(local, places.localConflictsRoot)];
    const line = wholeLine(
      aside,
      others.flatMap((home) => home?.datasets ?? []),
    );
    const pairs = pairDatasets(line, await observe(server, serverHome));
    const { setbacks } = options.patience;
    const plan = await lateBranch(pairs, name, { ...options, ...places, setbacks });
    if (plan === null) return true;
    if (plan.refusal !== null) throw refusalError(plan.refusal, server.host.name);
    if (plan.steps.length === 0) return true;
    if (!(await runSteps(plan.steps, options))) await pause(options);
  }
  return false;
}

/**
 * A line that was set aside is a clone, once the home is independent of it: what it has of the time before are snapshots of its
 * origin's dataset, or of that one's origin's. Pure.
 */
function wholeLine(aside: HomeState, others: readonly DatasetState[]): HomeState {
  const before = ({ properties }: DatasetState): readonly Snapshot[] => {
    const origin = properties['origin'] ?? '-';
    const of = others.find(({ name }) => origin.startsWith(`${name}@`));
    if (of === undefined) return [];
    return [
      ...before(of),
      ...of.snapshots.slice(0, 1 + of.snapshots.findIndex(({ name }) => name === origin)),
    ];
  };
  const datasets = aside.datasets.map((dataset) => ({
    ...dataset,
    snapshots: [...before(dataset), ...dataset.snapshots],
  }));
  return { ...aside, datasets };
}
