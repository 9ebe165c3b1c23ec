import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { planFetch } from '../../src/homes/conflicts/plan-fetch.ts';
import { planBranch } from '../../src/homes/diverged/branch.ts';
import { planSetAside } from '../../src/homes/diverged/set-aside.ts';
import { planViews } from '../../src/homes/history/plan-views.ts';
import { headOf, pairDatasets, type HomeState } from '../../src/sync/home-state.ts';
import { planSync } from '../../src/sync/plan.ts';
import type { Step } from '../../src/sync/step.ts';
import { childOf } from '../../src/zfs/names.ts';
import {
  branchOptions,
  conflictsRoot,
  linesOf,
  planOptionsOf,
  renamed,
  setAsideOptions,
  situation,
  views,
  type Situation,
} from '../support/sync/situations.ts';

// What a home, a branch, a successor, a fetched branch and a view are brought by, in situations that are drawn the same each
// time: the steps are on record. One that changes is to be looked at, and recorded anew with `vitest -u` where it is meant.

const planners: Readonly<Record<string, (of: Situation) => readonly Step[]>> = {
  home: (of) => planSync(of.local, of.server, planOptionsOf(of)).steps,
  branch: (of) => planBranch(pairDatasets(of.local, of.server), of.onServer, branchOptions(of)).steps,
  successor: (of) =>
    of.local === null
      ? []
      : planSetAside(pairDatasets(of.local, of.server), of.local, of.onMac, setAsideOptions(of)).steps,
  fetched: (of) => fetched(of).steps,
  view: (of) => viewsIn(of),
};

function fetched(of: Situation): ReturnType<typeof planFetch> {
  const target = childOf(conflictsRoot, 'alice-mac7-1');
  const here = renamed(of.onServer, target);
  const { branch, server: serverHome, local: localHome, refused } = of;
  return planFetch(
    { branch, here, serverHome, localHome, showing: {}, refused },
    { user: 'alice', conflictsRoot, target },
  );
}

function viewsIn({ server, local, onMac, refused }: Situation): readonly Step[] {
  const [there, here] = [firstOf(server), firstOf(local)];
  const onServer = there[there.length - 1 - (refused.size % Math.max(1, there.length))];
  if (onServer === undefined) return [];
  const name = childOf(views, onServer.guid);
  const made = renamed(onMac, name);
  const snapshot = {
    ...{ guid: onServer.guid, short: 'one', createtxg: onServer.createtxg, creation: onServer.creation },
    ...{ onServer, here: here.find(({ guid }) => guid === onServer.guid) ?? null },
  };
  return planViews(
    [{ path: '', snapshot }],
    {
      views,
      there: made === null ? null : { ...made, root: views },
      ...{ localHome: local, serverHome: server, refused },
    },
    { showing: {}, raw: { keylocation: 'file:///k' } },
  );
}

function firstOf(home: HomeState | null) {
  return home?.datasets[0]?.snapshots ?? [];
}

test.each(Object.keys(planners))('what a %s is brought by is as on record', async (name) => {
  const plan = (seed: number): readonly string[] => linesOf(planners[name]!(situation(seed)));
  const drawn = Array.from({ length: 1000 }, (_, seed) => plan(seed));
  const digest = createHash('sha256').update(JSON.stringify(drawn)).digest('hex');
  const shown = drawn.slice(0, 30).flatMap((lines, seed) => [`${seed}`, ...lines.map((line) => `  ${line}`)]);
  expect(drawn.filter((lines) => lines.length > 0).length).toBeGreaterThan(100);
  await expect([...shown, `1000: ${digest}`, ''].join('\n')).toMatchFileSnapshot(`bring/${name}.txt`);
});

test('a stream begins with what both sides have, and nothing is resumed that does not lead on from it', () => {
  for (let seed = 0; seed < 1000; seed++) {
    const of = situation(seed);
    for (const step of planners['home']!(of)) {
      if (step.kind !== 'send' && step.kind !== 'resume') continue;
      const [from, to] = step.direction === 'push' ? [of.local, of.server] : [of.server, of.local];
      const [source, target] = [from?.datasets[0], to?.datasets[0]];
      const base =
        step.kind === 'send'
          ? (step.range.from?.guid ?? null)
          : target?.partial === 'unknown' || (target?.partial ?? null) === null
            ? undefined
            : target?.partial?.fromGuid;
      const known = [...(source?.snapshots ?? []), ...(source?.bookmarks ?? [])].map(({ guid }) => guid);
      if (base === null) expect(target?.snapshots ?? []).toEqual([]);
      else expect(known).toContain(base);
      if (step.kind !== 'resume' || target === undefined) continue;
      const after = target.snapshots.slice(target.snapshots.findIndex(({ guid }) => guid === base) + 1);
      expect(
        after.filter(({ written }) => written > 0n),
        `${seed}`,
      ).toEqual([]);
      expect(headOf(source!), `${seed}`).not.toBeNull();
    }
  }
});
