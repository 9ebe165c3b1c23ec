import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { comparedGuids, discardConflict } from '../../src/homes/conflicts/discard.ts';
import type { Contents } from '../../src/sync/likeness.ts';
import type { Snapshot } from '../../src/simulator/model.ts';
import { withEntry, type Tree } from '../../src/simulator/tree.ts';
import type { Arrivals } from '../../src/thinning/arrivals.ts';
import { listHomes } from '../../src/thinning/plan-homes.ts';
import { parseSchedule } from '../../src/thinning/schedule.ts';
import { thinHomes } from '../../src/thinning/thin-homes.ts';
import { tend } from '../../src/homes/tending/tend.ts';
import { parseDatasetName } from '../../src/zfs/names.ts';
import { createSyncZfs } from '../../src/zfs/sync-zfs.ts';
import { FaultyRun } from '../support/model/faults.ts';
import { forgeSnapshot } from '../support/model/forge.ts';
import { createWorld, tendingOf, thinningOf, type World } from '../support/model/world.ts';

// What a key can make of guids, times and sizes, against all that destroys something on the server.

const home = 'data/profiles/alice';
const branch = 'data/profiles-conflicts/alice-mac1-20261120T064500Z';
const places = [home, branch, `${home}/mail`, `${branch}/mail`] as const;
const schedule = '1,1h1d,1d10d';
const rules = parseSchedule(schedule).rules;
const hour = 3600;

type Place = (typeof places)[number];

type Move =
  /** Somebody worked: a snapshot of the home, or of the line that was set aside. */
  | { readonly do: 'work'; readonly on: Place }
  /** All that the branch has is sent to its home, as a Mac does once it can. */
  | { readonly do: 'merge' }
  | {
      readonly do: 'forge';
      readonly on: Place;
      /** Which of the guids that are there, or that the branch has; null: one of its own. */
      readonly guid: { readonly of: 'branch' | 'all'; readonly at: number } | null;
      /** The creation of the one with that guid, or so many hours from now. */
      readonly creation: number | 'its';
      readonly written: number | 'its';
      /** It holds what one of those that are there holds; null: something of its own. */
      readonly holds: number | null;
    }
  | { readonly do: 'thin' | 'tend' | 'discard' }
  | { readonly do: 'wait'; readonly hours: number };

const place = fc.constantFrom(...places);
const pick = fc.nat(40);
const moves: fc.Arbitrary<Move> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('work' as const), on: place }) },
  { weight: 1, arbitrary: fc.constant({ do: 'merge' as const }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('forge' as const),
      on: fc.oneof(
        { weight: 3, arbitrary: fc.constantFrom(home, `${home}/mail` as const) },
        { weight: 1, arbitrary: place },
      ),
      guid: fc.oneof(
        { weight: 4, arbitrary: fc.record({ of: fc.constant('branch' as const), at: pick }) },
        { weight: 1, arbitrary: fc.record({ of: fc.constant('all' as const), at: pick }) },
        { weight: 3, arbitrary: fc.constant(null) },
      ),
      holds: fc.oneof({ weight: 1, arbitrary: pick }, { weight: 3, arbitrary: fc.constant(null) }),
      creation: fc.oneof(
        fc.constant('its' as const),
        fc.integer({ min: -3, max: 30 }),
        fc.integer({ min: -300, max: 300 }),
      ),
      written: fc.oneof(fc.constant('its' as const), fc.constantFrom(0, 4096, 1e9)),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('thin' as const, 'tend' as const, 'discard' as const) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('wait' as const), hours: fc.constantFrom(1, 1, 2, 25, 24 * 31) }),
  },
);

const digestOf = (tree: Tree): string =>
  createHash('sha256')
    .update(JSON.stringify([...tree].map(([path, { object: _object, ...entry }]) => [path, entry]).sort()))
    .digest('hex');

/** A server with a home, a branch of it, and a dataset below each. */
class Server {
  /** What each honest snapshot of the branch holds: none of it may be lost. */
  readonly set = new Set<string>();
  /** What the home has held in a snapshot at any time: what it holds the schedule may let go. */
  readonly heldByHome = new Set<string>();
  /** Of each honest snapshot of the home: where it is and when it came, in seconds since the epoch. */
  readonly honest: { readonly on: string; readonly at: number }[] = [];
  /**
   * When each snapshot of the home came, by its transaction group, whoever made it, and when thinning saw it first: it cannot
   * know better than that it came between the two.
   */
  readonly came = new Map<string, { readonly at: number; seen: number | null }>();
  private made = 0;
  private contents: Contents = {};
  private arrivals: Arrivals = [];
  private readonly job: ReturnType<typeof tendingOf>;
  readonly world: World;
  constructor(world: World) {
    this.world = world;
    const job = tendingOf(world);
    this.job = {
      ...job,
      contents: {
        ...job.contents,
        read: () => Promise.resolve(this.contents),
        write: (contents) => Promise.resolve(void (this.contents = contents)),
      },
    };
  }

  get all(): readonly Snapshot[] {
    return [...this.world.server.datasets.values()].flatMap(({ snapshots }) => snapshots);
  }

  now(): number {
    return Math.floor(this.world.now / 1000);
  }

  private fresh(on: string): Tree {
    const { live } = this.world.server.datasets.get(on)!;
    this.made += 1;
    const content = `work ${this.made}`;
    return withEntry(live, `file-${this.made}`, { kind: 'file', content, mode: 0o644 });
  }

  async move(move: Move): Promise<void> {
    const { server } = this.world;
    // The branch may be gone.
    if ('on' in move && !server.datasets.has(move.on)) return;
    switch (move.do) {
      case 'work': {
        const made = forgeSnapshot(server, move.on, { tree: this.fresh(move.on), written: 8192 });
        if (move.on.startsWith(branch)) this.set.add(digestOf(made.tree));
        else this.honest.push({ on: move.on, at: this.now() });
        break;
      }
      case 'merge':
        for (const below of ['', '/mail'])
          for (const { short, guid, creation, written, tree } of server.datasets.get(branch + below)
            ?.snapshots ?? [])
            if (
              !server.datasets
                .get(home + below)!
                .snapshots.some((one) => one.guid === guid || one.short === short)
            )
              forgeSnapshot(server, home + below, { short, guid, creation, written, tree });
        break;
      case 'forge': {
        const at = (index: number, all: readonly Snapshot[]): Snapshot | undefined =>
          all[index % Math.max(1, all.length)];
        const its =
          move.guid === null
            ? undefined
            : at(
                move.guid.at,
                move.guid.of === 'all'
                  ? this.all
                  : (server.datasets.get(move.on.replace(home, branch))?.snapshots ?? []),
              );
        forgeSnapshot(server, move.on, {
          ...(its !== undefined && { guid: its.guid }),
          creation:
            move.creation === 'its' ? (its?.creation ?? this.now()) : this.now() + move.creation * hour,
          written: move.written === 'its' ? (its?.written ?? 4096) : move.written,
          // ZFS counts it itself: what holds nothing new is what the one before is.
          tree:
            move.written === 0
              ? (server.datasets.get(move.on)!.snapshots.at(-1)?.tree ?? server.datasets.get(move.on)!.live)
              : ((move.holds === null ? undefined : at(move.holds, this.all)?.tree) ?? this.fresh(move.on)),
        });
        break;
      }
      case 'thin': {
        const job = {
          ...thinningOf(this.world, 'server', new FaultyRun(null), schedule),
          arrivals: {
            read: () => Promise.resolve(this.arrivals),
            write: (arrivals: Arrivals) => Promise.resolve(void (this.arrivals = arrivals)),
          },
        };
        for (const one of this.came.values()) one.seen ??= this.now();
        await thinHomes(job, await listHomes(job));
        this.checkBlocks();
        break;
      }
      case 'tend':
        await tend(this.job);
        break;
      case 'discard':
        await this.discard();
        break;
      case 'wait':
        this.world.now += move.hours * 3_600_000;
        // As the job does it.
        await this.move({ do: 'tend' });
        await this.move({ do: 'thin' });
    }
    for (const below of ['', '/mail'])
      for (const { tree, createtxg } of server.datasets.get(home + below)?.snapshots ?? []) {
        this.heldByHome.add(digestOf(tree));
        const txg = `${below} ${createtxg}`;
        if (!this.came.has(txg)) this.came.set(txg, { at: this.now(), seen: null });
      }
  }

  /** An admin who says yes only where they are told that the home has all of it. */
  private async discard(): Promise<void> {
    if (!this.world.server.datasets.has(branch)) return;
    const [conflict, of] = [parseDatasetName(branch), parseDatasetName(home)];
    const zfs = createSyncZfs(this.world.admin, { command: () => undefined, warning: () => undefined });
    const { signal } = new AbortController();
    await discardConflict({
      ...{ zfs, conflict, conflictsRoot: parseDatasetName('data/profiles-conflicts'), signal },
      elsewhere: await comparedGuids(zfs, { conflict, home: of, contents: this.contents }, signal),
      confirm: (plan) => Promise.resolve(plan.elsewhere === 'all'),
    });
  }

  /** All that was ever worked on the branch is where it was, or was in the home, by content; what is only kept for a month counts as gone. */
  checkBranch(): void {
    const there = new Set(
      this.all.filter(({ dataset }) => dataset.name.startsWith(branch)).map(({ tree }) => digestOf(tree)),
    );
    for (const one of this.set) expect(there.has(one) || this.heldByHome.has(one)).toBe(true);
  }

  /** Of each block in its life in which somebody worked one snapshot stays that says so and can have come in it. */
  private checkBlocks(): void {
    for (const below of ['', '/mail']) {
      const left = this.world.server.datasets.get(home + below)?.snapshots ?? [];
      for (const { interval, life } of rules) {
        const block = (seconds: number): number => Math.floor(seconds / interval.seconds);
        const kept = new Set(
          left.flatMap(({ creation, createtxg }) => {
            const came = this.came.get(`${below} ${createtxg}`);
            const at = block(creation);
            return came !== undefined && block(came.at) <= at && at <= block(came.seen ?? came.at)
              ? [at]
              : [];
          }),
        );
        for (const { on, at } of this.honest) {
          const lives = (block(at) + 1) * interval.seconds > this.now() - life.seconds;
          if (on === home + below && lives) expect(kept).toContain(block(at));
        }
      }
    }
  }
}

async function createServer(withMail: boolean): Promise<Server> {
  const world = await createWorld({ children: false });
  const zfs = async (words: string): Promise<void> => {
    const { exitCode, stderr } = await world.admin.run(['zfs', ...words.split(' ')]);
    if (exitCode !== 0) throw new Error(`zfs ${words}: ${stderr}`);
  };
  for (const name of [home, ...(withMail ? [`${home}/mail`] : [])])
    await zfs(`create -o mountpoint=none ${name}`);
  await zfs(`create -o mountpoint=none -o roamhome:conflict=alice ${branch}`);
  if (withMail) await zfs(`create -o mountpoint=none ${branch}/mail`);
  return new Server(world);
}

test('whatever guids, times and sizes a key makes up: no work is destroyed by thin, tend or discard, and each block keeps what came in it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(moves, { maxLength: 30, size: 'max' }), fc.boolean(), async (all, withMail) => {
      const server = await createServer(withMail);
      for (const on of places) await server.move({ do: 'work', on });
      for (const move of all) {
        await server.move(move);
        server.checkBranch();
      }
    }),
    {
      numRuns: Number(process.env['ROAMHOME_HOSTILE'] ?? 150),
      // One that is dated an hour ahead, before the hour's run sees it: the time of the run is all that says when it came.
      examples: [
        [
          [
            {
              ...{ do: 'forge', on: `${home}/mail`, guid: { of: 'branch', at: 0 }, holds: null },
              ...{ creation: 1, written: 0 },
            },
            { do: 'wait', hours: 1 },
            { do: 'work', on: `${home}/mail` },
            { do: 'wait', hours: 1 },
            {
              ...{ do: 'forge', on: `${branch}/mail`, guid: null, holds: null },
              ...{ creation: 'its', written: 'its' },
            },
            { do: 'merge' },
            { do: 'thin' },
          ],
          true,
        ],
      ],
    },
  );
});
