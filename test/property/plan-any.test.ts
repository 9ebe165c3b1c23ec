import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isPlainWord } from '../../src/host/remote-words.ts';
import type { DatasetState, HomeState } from '../../src/sync/home-state.ts';
import { planSync } from '../../src/sync/plan.ts';
import type { SendStep, Step } from '../../src/sync/step.ts';
import type { SendFlags } from '../../src/zfs/commands/stream.ts';
import { shortNameOf, type DatasetName, type Guid, type SnapshotName } from '../../src/zfs/names.ts';
import type { Snapshot } from '../../src/zfs/version.ts';
import { home, localHome, serverHome } from '../support/sync/homes.ts';

// Any two sides that can be met: names with blanks, on datasets too, interrupted receives of every kind, homes that are
// sent raw. What zfs would say of each step is played here, by what it was seen to refuse (docs/zfs-behaviour.md).

interface Drawn {
  readonly common: readonly { readonly blank: boolean }[];
  readonly mine: readonly Own[];
  readonly theirs: readonly Own[];
  readonly there: 'both' | 'here' | 'server';
  readonly partialHere: Cut;
  readonly partialThere: Cut;
}
interface Own {
  readonly empty: boolean;
  readonly blank: boolean;
  readonly tool: boolean;
}
type Cut = { readonly from: number; readonly to: number; readonly kind: string } | null;

const own = fc.record({ empty: fc.boolean(), blank: fc.boolean(), tool: fc.boolean() });
const cut: fc.Arbitrary<Cut> = fc.option(
  fc.record({
    from: fc.integer({ min: 0, max: 5 }),
    to: fc.integer({ min: 0, max: 5 }),
    kind: fc.constantFrom('', '!w', '!none', '?'),
  }),
  { nil: null, freq: 3 },
);
const drawn: fc.Arbitrary<Drawn> = fc.record({
  common: fc.array(fc.record({ blank: fc.boolean() }), { maxLength: 3 }),
  mine: fc.array(own, { maxLength: 3 }),
  theirs: fc.array(own, { maxLength: 3 }),
  there: fc.constantFrom('both' as const, 'both' as const, 'here' as const, 'server' as const),
  partialHere: cut,
  partialThere: cut,
});

/** The words of one dataset on the two sides; guids from `base` on. */
function wordsOf(
  one: Drawn,
  base: number,
): { readonly local: string | null; readonly server: string | null } {
  const shared = one.common.map(({ blank }, i) => `@${blank ? 'c%' : 'c'}${i}:${base + i + 1}`);
  const line = (side: string, list: readonly Own[], from: number): string[] =>
    list.map(
      ({ empty, blank, tool }, i) =>
        `@${tool ? 'auto' : side}${blank ? '%' : ''}${i}:${from + i}=${from + i}${empty ? '~' : ''}`,
    );
  const mine = [...shared, ...line('m', one.mine, base + 100)];
  const theirs = [...shared, ...line('s', one.theirs, base + 200)];
  const guidAt = (words: readonly string[], at: number): string | undefined =>
    /:(\d+)/.exec(words[at] ?? '')?.[1];
  // Of a stream of the other side, from a snapshot that the receiver has, or in full where it has none.
  const partial = (receiver: readonly string[], sender: readonly string[], found: Cut): string[] => {
    const to = guidAt(sender, found?.to ?? -1);
    if (found === null || to === undefined || receiver.some((word) => word.includes(`:${to}`))) return [];
    if (found.kind === '?') return ['>?'];
    const from = guidAt(receiver, found.from % Math.max(1, receiver.length));
    return [`>${from === undefined ? '' : `${from}..`}${to}${found.kind}`];
  };
  return {
    local: one.there === 'server' ? null : [...mine, ...partial(mine, theirs, one.partialHere)].join(' '),
    server: one.there === 'here' ? null : [...theirs, ...partial(theirs, mine, one.partialThere)].join(' '),
  };
}

interface Side {
  readonly root: DatasetName;
  readonly datasets: Map<string, DatasetState>;
  flags: SendFlags | null;
}

/** Plays what zfs does, and fails where it would refuse. */
class TwoSides {
  readonly local: Side;
  readonly server: Side;
  readonly #default: SendFlags;

  constructor(local: HomeState | null, server: HomeState | null, fallback: SendFlags) {
    const side = (root: DatasetName, state: HomeState | null): Side => ({
      root,
      datasets: new Map((state?.datasets ?? []).map((dataset) => [dataset.name, dataset])),
      flags: state?.sendFlags ?? null,
    });
    [this.local, this.server] = [side(localHome, local), side(serverHome, server)];
    this.#default = fallback;
  }

  state({ root, datasets, flags }: Side): HomeState | null {
    if (!datasets.has(root)) return null;
    return { root, datasets: [...datasets.values()], excluded: [], sendFlags: flags };
  }

  get flags(): SendFlags {
    return this.server.flags ?? this.#default;
  }

  run(step: Step): void {
    switch (step.kind) {
      case 'cover': {
        const dataset = this.#on(this.server, step.dataset);
        const name = `${step.dataset}@${step.short}` as SnapshotName;
        this.#say(name);
        this.#add(this.server, dataset, {
          ...dataset.snapshots.at(-1)!,
          name,
          guid: `9${step.short.slice(12)}` as Guid,
          written: 0n,
        });
        return;
      }
      case 'record-flags':
        this.#on(this.server, step.dataset);
        this.server.flags = step.flags;
        return;
      case 'discard-partial': {
        const dataset = this.#on(this.local, step.dataset);
        expect(dataset.partial).not.toBeNull();
        if (dataset.snapshots.length === 0) this.local.datasets.delete(dataset.name);
        else this.local.datasets.set(dataset.name, { ...dataset, partial: null, resumeToken: null });
        return;
      }
      case 'send':
        this.#send(step);
        return;
      case 'resume': {
        const [from, to] = this.#ends(step.direction);
        const name = step.target.replace(/@.*$/, '') as DatasetName;
        if (to === this.server) this.#say(step.target);
        const receiver = this.#on(to, name);
        const { partial } = receiver;
        if (partial === null || partial === 'unknown') throw new Error('nothing to resume');
        expect(partial.flags, 'no stream of another kind is mixed in').toBe(this.flags);
        const sender = this.#on(from, `${from.root}${name.slice(to.root.length)}`);
        const target = sender.snapshots.find(({ guid }) => guid === partial.toGuid);
        if (target === undefined) throw new Error('the sender has not what is resumed');
        const cleared = { ...receiver, partial: null, resumeToken: null };
        this.#goesOn(cleared, partial.fromGuid);
        this.#store(to, cleared, step.target, target);
        return;
      }
      case 'rollback':
      case 'create-container':
      case 'clone':
      case 'mark':
      case 'rename':
      case 'move-back':
      case 'promote':
        throw new Error(`a plan without a conflict, of homes that nobody wrote to, does not ${step.kind}`);
    }
  }

  #ends(direction: 'push' | 'pull'): readonly [Side, Side] {
    return direction === 'push' ? [this.local, this.server] : [this.server, this.local];
  }

  #say(word: string): void {
    expect(isPlainWord(word), `${word} can be said`).toBe(true);
  }

  #on(side: Side, name: string): DatasetState {
    const found = side.datasets.get(name);
    if (found === undefined) throw new Error(`there is no ${name}`);
    return found;
  }

  #send({ direction, range, target, properties }: SendStep): void {
    const [from, to] = this.#ends(direction);
    const name = target.replace(/@.*$/, '') as DatasetName;
    const sender = this.#on(from, `${from.root}${name.slice(to.root.length)}`);
    if (to === this.server) this.#say(target);
    else for (const word of [range.from?.name, range.to.name]) if (word !== undefined) this.#say(word);
    const there = to.datasets.get(name);
    if ((there?.partial ?? null) !== null) throw new Error(`${name} contains partially-complete state`);
    let receiver: DatasetState;
    if (range.from === null) {
      if (there !== undefined) throw new Error(`${name} exists`);
      const parent = name.slice(0, name.lastIndexOf('/'));
      if (name !== to.root && !to.datasets.has(parent)) throw new Error(`${parent} does not exist`);
      receiver = {
        ...{ name, path: name.slice(to.root.length + 1), written: 0n, resumeToken: null, mounted: false },
        ...{ properties: {}, snapshots: [], bookmarks: [], change: 'none', partial: null },
      };
    } else {
      receiver = this.#on(to, name);
    }
    const flags = properties?.['roamhome:sendflags'];
    if (flags !== undefined) to.flags = flags === 'none' ? '' : (flags as SendFlags);
    if (name.startsWith(serverHome))
      expect(this.server.flags, 'on record before the first byte').not.toBeNull();
    const base = range.from;
    const stream = sender.snapshots.filter(
      (one) =>
        range.intermediates &&
        base !== null &&
        one.createtxg > base.createtxg &&
        one.createtxg < range.to.createtxg,
    );
    let isFirst = true;
    for (const one of [...stream, range.to]) {
      const isThere = receiver.snapshots.some(
        ({ guid, name: its }) => guid === one.guid && shortNameOf(its) === shortNameOf(one.name),
      );
      // zfs passes over it.
      if (range.intermediates && isThere) {
        isFirst = false;
        continue;
      }
      if (isFirst) this.#goesOn(receiver, base?.guid ?? null);
      isFirst = false;
      receiver = this.#store(to, receiver, one === range.to ? target : name, one);
    }
  }

  /** A receive goes on over what is empty, and as a raw stream on the newest alone. */
  #goesOn({ snapshots, name }: DatasetState, base: Guid | null): void {
    if (base === null) {
      expect(snapshots, `${name} is new`).toEqual([]);
      return;
    }
    const onto = snapshots.findIndex(({ guid }) => guid === base);
    expect(onto, 'the base is a snapshot on the receiving side').toBeGreaterThanOrEqual(0);
    const later = snapshots.slice(onto + 1);
    expect(
      this.flags === 'w' ? later : later.filter(({ written }) => written > 0n),
      'nothing is overwritten',
    ).toEqual([]);
  }

  #store(to: Side, receiver: DatasetState, target: string, one: Snapshot): DatasetState {
    const short = target.includes('@') ? target.slice(target.indexOf('@') + 1) : shortNameOf(one.name);
    const name = `${receiver.name}@${short}` as SnapshotName;
    if (to === this.server) this.#say(name);
    return this.#add(to, receiver, { ...one, name });
  }

  #add(side: Side, dataset: DatasetState, one: Snapshot): DatasetState {
    expect(dataset.snapshots.map(({ name }) => name)).not.toContain(one.name);
    const createtxg = (dataset.snapshots.at(-1)?.createtxg ?? 0n) + 1n;
    const added = { ...dataset, snapshots: [...dataset.snapshots, { ...one, createtxg }] };
    side.datasets.set(dataset.name, added);
    return added;
  }
}

const sides = fc.record({
  top: drawn,
  child: fc.option(drawn, { nil: null }),
  childName: fc.constantFrom('mail', 'my child'),
  flags: fc.constantFrom<(SendFlags | null)[]>('Lec', 'w', '', null),
  fallback: fc.constantFrom<SendFlags[]>('Lec', 'w', ''),
  intent: fc.constantFrom('login' as const, 'logout' as const),
});

test('whatever both sides are, no step is one that cannot be said or that zfs refuses, and a few plans bring them together', () => {
  fc.assert(
    fc.property(sides, ({ top, child, childName, flags, fallback, intent }) => {
      const [first, second] = [wordsOf(top, 0), child === null ? null : wordsOf(child, 1000)];
      const side = (root: DatasetName, which: 'local' | 'server'): HomeState | null => {
        const below = second?.[which] ?? null;
        const own = first[which];
        // Nothing lies below what has come in part.
        const hasBelow = below !== null && (own ?? '').includes('@');
        return own === null
          ? null
          : home(root, { '': own, ...(hasBelow ? { [childName]: below } : {}) }, flags);
      };
      const both = new TwoSides(side(localHome, 'local'), side(serverHome, 'server'), fallback);
      const guids = new Set(
        [both.local, both.server]
          .flatMap(({ datasets }) => [...datasets.values()])
          .flatMap(({ snapshots }) => snapshots.map(({ guid }) => guid)),
      );
      const options = { intent, localHome, serverHome, createOnServer: true, defaultFlags: fallback };
      const plan = () => planSync(both.state(both.local), both.state(both.server), options);
      let now = plan();
      for (let round = 0; now.refusal === null && now.steps.length > 0; round += 1) {
        expect(round, 'it comes to an end').toBeLessThan(8);
        for (const step of now.steps) both.run(step);
        now = plan();
      }
      if (now.refusal === null && intent === 'login')
        expect({ ahead: now.ahead, behind: now.behind }, 'both have all of it').toEqual({
          ahead: false,
          behind: false,
        });
      const kept = new Set(
        [both.local, both.server]
          .flatMap(({ datasets }) => [...datasets.values()])
          .flatMap(({ snapshots }) => snapshots.map(({ guid }) => guid)),
      );
      for (const guid of guids) expect(kept, 'nothing is lost').toContain(guid);
    }),
    { numRuns: 5000 },
  );
});
