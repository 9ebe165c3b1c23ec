import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DatasetState, HomeState } from '../../src/sync/home-state.ts';
import { planSync } from '../../src/sync/plan.ts';
import type { Intent, Plan, Step } from '../../src/sync/step.ts';
import { datasetOf, shortNameOf, type SnapshotName } from '../../src/zfs/names.ts';
import type { Snapshot } from '../../src/zfs/version.ts';
import { home, localHome, serverHome } from '../support/sync/homes.ts';

/**
 * Two lines of history with a common beginning: the words of each side. Snapshots with and without changes, from
 * Roamhome and from others whose names may meet, bookmarks in place of the sender's old snapshots.
 */
const histories = fc
  .record({
    common: fc.integer({ min: 0, max: 4 }),
    mine: fc.array(fc.record({ empty: fc.boolean(), tool: fc.boolean() }), { maxLength: 3 }),
    theirs: fc.array(fc.record({ empty: fc.boolean(), tool: fc.boolean() }), { maxLength: 3 }),
    thinned: fc.integer({ min: 0, max: 3 }),
    written: fc.boolean(),
  })
  .map(({ common, mine, theirs, thinned, written }) => {
    const shared = Array.from({ length: common }, (_, i) => `@c${i}:${i + 1}`);
    const own = (side: string, list: typeof mine, from: number): string[] =>
      list.map(
        ({ empty, tool }, i) =>
          `@${tool ? `auto${i}` : `${side}${i}`}:${from + i}=${from + i}${empty ? '~' : ''}`,
      );
    const old = (words: string[]): string[] =>
      words.map((word, i) => (i < Math.min(thinned, common - 1) ? word.replace('@', '#') : word));
    return {
      local: [...shared, ...own('m', mine, 100), ...(written && common > 0 ? ['+'] : [])].join(' '),
      server: [...old(shared), ...own('s', theirs, 200)].join(' '),
    };
  });

/** What zfs would have after the steps; throws where zfs would refuse one. */
function apply(plan: Plan, local: HomeState | null, server: HomeState | null): [HomeState, HomeState] {
  const sides = { local: clone(localHome, local), server: clone(serverHome, server) };
  for (const step of plan.steps) {
    if (step.kind === 'rollback') sides.local.change = 'none';
    if (step.kind !== 'send') continue;
    const [from, to] = step.direction === 'push' ? [sides.local, sides.server] : [sides.server, sides.local];
    receive(step, from, to);
  }
  const finish = (root: typeof localHome, side: Side): HomeState => ({
    root,
    datasets: [{ ...side, bookmarks: side.bookmarks }],
    excluded: [],
    sendFlags: 'Lec',
  });
  return [finish(localHome, sides.local), finish(serverHome, sides.server)];
}

interface Side extends Omit<DatasetState, 'snapshots' | 'change'> {
  snapshots: Snapshot[];
  change: DatasetState['change'];
}

function clone(root: typeof localHome, state: HomeState | null): Side {
  const dataset = state?.datasets[0] ?? home(root, '')!.datasets[0]!;
  return { ...dataset, snapshots: [...dataset.snapshots] };
}

function receive(step: Extract<Step, { kind: 'send' }>, from: Side, to: Side): void {
  const { from: base, to: target, intermediates } = step.range;
  expect(to.change).not.toBe('files');
  if (base === null) expect(to.snapshots).toEqual([]);
  else {
    const onto = to.snapshots.findIndex(({ guid }) => guid === base.guid);
    expect(onto, 'the base is a snapshot on the receiving side').toBeGreaterThanOrEqual(0);
    expect(
      to.snapshots.slice(onto + 1).filter(({ written }) => written > 0n),
      'nothing is overwritten',
    ).toEqual([]);
  }
  const between = intermediates
    ? from.snapshots.filter((one) => one.createtxg > base!.createtxg && one.createtxg < target.createtxg)
    : [];
  for (const one of [...between, target]) {
    const given = step.target.includes('@') ? (step.target as SnapshotName) : one.name;
    const name = `${to.name}@${shortNameOf(given)}` as SnapshotName;
    expect(to.snapshots.map((other) => other.name)).not.toContain(name);
    expect(from.snapshots.some((other) => datasetOf(other.name) === from.name)).toBe(true);
    const createtxg = (to.snapshots.at(-1)?.createtxg ?? 0n) + 1n;
    to.snapshots.push({ ...one, name, createtxg });
  }
}

const options = (intent: Intent) => ({
  intent,
  localHome,
  serverHome,
  createOnServer: true,
  defaultFlags: 'Lec' as const,
});

test.each(['login', 'logout'] as const)(
  'a %s plan only adds, is accepted by zfs, and leaves nothing to do',
  (intent) => {
    fc.assert(
      fc.property(histories, ({ local: here, server: there }) => {
        const [local, server] = [home(localHome, here), home(serverHome, there)];
        const plan = planSync(local, server, options(intent));
        expect(planSync(local, server, options(intent))).toEqual(plan);
        if (plan.refusal !== null) {
          expect(plan.steps).toEqual([]);
          return;
        }
        const [localAfter, serverAfter] = apply(plan, local, server);
        for (const [before, after] of [
          [local, localAfter],
          [server, serverAfter],
        ] as const) {
          const kept = after.datasets[0]!.snapshots.map(({ guid }) => guid);
          for (const { guid } of before?.datasets[0]?.snapshots ?? []) expect(kept).toContain(guid);
        }
        const again = planSync(localAfter, serverAfter, options(intent));
        expect(again.refusal).toBeNull();
        expect(again.steps).toEqual([]);
      }),
      { numRuns: 3000 },
    );
  },
);

test('both sides have the newest changes after a login, or the plan was refused', () => {
  fc.assert(
    fc.property(histories, ({ local: here, server: there }) => {
      const [local, server] = [home(localHome, here), home(serverHome, there)];
      const plan = planSync(local, server, options('login'));
      if (plan.refusal !== null) return;
      const [localAfter, serverAfter] = apply(plan, local, server);
      const changed = (state: HomeState): string | undefined =>
        state.datasets[0]!.snapshots.filter(({ written }) => written > 0n).at(-1)?.guid;
      expect(changed(localAfter)).toBe(changed(serverAfter));
    }),
    { numRuns: 3000 },
  );
});
