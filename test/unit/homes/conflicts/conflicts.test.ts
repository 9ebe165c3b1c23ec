import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { detailsToJson, formatDetails } from '../../../../src/cli/conflicts/text.ts';
import { describeLoss, discardToJson } from '../../../../src/cli/conflicts/discard-text.ts';
import { diffConflict } from '../../../../src/homes/conflicts/diff-conflict.ts';
import { discardConflict, keptGuids } from '../../../../src/homes/conflicts/discard.ts';
import type { DiscardPlan } from '../../../../src/homes/conflicts/discard-plan.ts';
import { isWhole, joinSides, readSide } from '../../../../src/homes/conflicts/conflict-details.ts';
import { fetchConflict } from '../../../../src/homes/conflicts/fetch-conflict.ts';
import { pathText } from '../../../../src/homes/files/file-tree.ts';
import { treeOf } from '../../../../src/simulator/files/files.ts';
import { createSyncZfs } from '../../../../src/zfs/sync-zfs.ts';
import { FaultyRun } from '../../../support/model/faults.ts';
import {
  conflict,
  conflictsRoot,
  createConflictMac,
  datasetsBelow,
  story,
  home,
  name,
  type ConflictMac,
} from '../../../support/conflicts/conflict-mac.ts';

let mac: ConflictMac;
const { signal } = new AbortController();

beforeEach(async () => {
  mac = await createConflictMac(story);
});

afterEach(() => {
  mac.remove();
});

async function diff(all = false): Promise<readonly string[]> {
  const lines: string[] = [];
  await diffConflict(mac.session, conflict, {
    all,
    tell: (one) => lines.push(`${one.kind} ${pathText(one.path)}`),
  });
  return lines;
}

const read = (path: string): string => readFileSync(mac.at(path), 'utf8');
const views = () => readdirSync(join(mac.session.config.local.stateDir, 'conflicts'));

/** All differences, of the datasets below too. */
const differences = [
  'only-conflict Documents',
  'different mail/inbox',
  'only-conflict mail/old',
  'only-home new-here',
  'different novel',
];

describe('a comparison', () => {
  test('tells what differs in all datasets, and leaves everything as it was', async () => {
    expect(await diff()).toEqual(differences);
    expect(views()).toEqual([]);
    for (const dataset of [conflict, `${conflict}/mail`]) {
      const { mounted, properties } = mac.machine.datasets.get(dataset)!;
      expect([mounted, properties.get('mountpoint')?.value]).toEqual([null, 'none']);
    }
    expect(mac.machine.datasets.get(home)?.mounted).toMatchObject({ readonly: false });
  });

  test('never mounts a conflict where the home is, nor writable', async () => {
    const before = mac.commands().length;
    await diff();
    const mounts = mac
      .commands()
      .slice(before)
      .filter((words) => words.startsWith('mount'));
    expect(mounts).toEqual([
      `mount -o ro,nosuid,nodev ${conflict}`,
      `mount -o ro,nosuid,nodev ${conflict}/mail`,
    ]);
    expect(mac.machine.datasets.get(conflict)?.written).toBe(0);
  });

  test('mounts a home that is not in use, to read it, and unmounts it again', async () => {
    await mac.run(`unmount ${home}`);
    expect(await diff()).toEqual(differences);
    expect(mac.machine.datasets.get(home)?.mounted).toBeNull();
    expect(mac.commands()).toContain(`mount -o ro,nosuid,nodev ${home}`);
  });

  test('finds what a killed run has left mounted', async () => {
    const left = join(mac.session.config.local.stateDir, 'conflicts/0123/0');
    mkdirSync(join(mac.session.config.local.stateDir, 'conflicts'), { recursive: true, mode: 0o700 });
    await mac.run(`set mountpoint=${left} ${conflict}`, `mount -o ro ${conflict}`);
    expect(await diff()).toEqual(differences);
    expect(views()).toEqual([]);
  });

  test('does not show half of a conflict, whose fetch was cut between two datasets, as all of it', async () => {
    await mac.run(`destroy -r ${conflict}`);
    const { server } = mac.session;
    const stream: typeof server.zfs.host.stream = (argv, options) =>
      (argv.join(' ').includes('/mail@')
        ? new FaultyRun({ kind: 'cut-at-byte', bytes: 1 }).host(server.zfs.host, true)
        : server.zfs.host
      ).stream(argv, options);
    const zfs = createSyncZfs({ ...server.zfs.host, stream }, server.zfs.observer);
    const names = { branch: conflict, name };
    const fetching = fetchConflict({ ...mac.session, server: { ...server, zfs } }, names);
    await expect(fetching).rejects.toMatchObject({ retryable: true });
    expect([...mac.machine.datasets.values()].filter(({ partial }) => partial !== null)).toEqual([]);
    const side = async () => isWhole((await readSide(mac.session.local, conflict, { side: 'mac', signal }))!);
    expect(await side()).toBe(false);
    await expect(diff()).rejects.toMatchObject({ code: 'partial-state' });
    await fetchConflict(mac.session, names);
    expect(await side()).toBe(true);
    expect(await diff()).toEqual(differences);
  });

  test('does not show half of a conflict, whose fetch was cut, as all of it', async () => {
    await mac.run(`destroy -r ${conflict}`);
    const { server } = mac.session;
    const { host, observer } = server.zfs;
    const partial = () => mac.machine.datasets.get(`${conflict}/mail`)?.partial ?? null;
    // Until enough of the second dataset has come to be kept.
    for (let bytes = 300; partial() === null; bytes += 100) {
      const cut = new FaultyRun({ kind: 'cut-at-byte', bytes }).host(host, true);
      const stream: typeof host.stream = (argv, options) =>
        (argv.join(' ').includes('/mail@') ? cut : host).stream(argv, options);
      const zfs = createSyncZfs({ ...host, stream }, observer);
      const fetching = fetchConflict(
        { ...mac.session, server: { ...server, zfs } },
        { branch: conflict, name },
      );
      await expect(fetching).rejects.toMatchObject({ retryable: true });
    }
    await expect(diff()).rejects.toMatchObject({ code: 'partial-state' });
    await fetchConflict(mac.session, { branch: conflict, name });
    expect(await diff()).toEqual(differences);
  });

  test('leaves one alone that somebody else has mounted', async () => {
    await mac.run(`set mountpoint=${mac.at('../look')} ${conflict}`, `mount -o ro ${conflict}`);
    await expect(diff()).rejects.toMatchObject({ code: 'dataset-busy' });
    expect(mac.machine.datasets.get(conflict)?.mounted).not.toBeNull();
  });

  test('does not mistake a dataset of the home that is not mounted for an empty one', async () => {
    await mac.run(`unmount ${home}/mail`);
    expect(await diff()).toEqual([
      'only-conflict Documents',
      'unknown mail',
      'only-home new-here',
      'different novel',
    ]);
  });
});

describe('a conflict that only the server has', () => {
  const fetch = () => fetchConflict(mac.session, { branch: conflict, name });

  test('comes as a clone of what this Mac has too, and can then be looked at', async () => {
    await mac.run(`destroy -r ${conflict}`);
    const before = mac.commands().length;
    expect((await fetch()).dataset).toBe(conflict);
    const receives = mac
      .commands()
      .slice(before)
      .filter((words) => words.startsWith('receive'));
    expect(receives.map((words) => /origin=\S+/.exec(words)?.[0])).toEqual([
      `origin=${home}@a`,
      `origin=${home}/mail@a`,
    ]);
    expect(await diff()).toEqual(differences);
    expect((await fetch()).bytes).toBe(0);
  });

  test('comes in full to a Mac that was set up anew', async () => {
    await mac.run(`destroy -r ${conflict}`, `unmount ${home}`, `destroy -r ${home}`);
    await fetch();
    expect(treeOf(mac.machine, conflict).has('Documents/plan')).toBe(true);
    await expect(diff()).rejects.toMatchObject({ code: 'home-missing' });
  });

  test('does not take the place of something else', async () => {
    await mac.run(
      `destroy -r ${conflict}`,
      `create -o mountpoint=none ${conflict}`,
      `snapshot ${conflict}@other`,
    );
    await expect(fetch()).rejects.toMatchObject({ code: 'dataset-exists' });
  });
});

describe('a discard', () => {
  const discard = async (
    answer: boolean,
  ): Promise<{ plan: DiscardPlan | null; done: DiscardPlan | null }> => {
    let plan: DiscardPlan | null = null;
    const done = await discardConflict({
      zfs: mac.zfs,
      conflictsRoot,
      conflict,
      elsewhere: await keptGuids(mac.session.server.zfs, [conflict, home], signal),
      confirm: (asked) => {
        plan = asked;
        return Promise.resolve(answer);
      },
      signal,
    });
    return { plan, done };
  };

  test('tells what is in no snapshot of any of its datasets', async () => {
    const look = mac.at('../look');
    await mac.run(`set mountpoint=${look} ${conflict}/mail`, `mount ${conflict}/mail`);
    writeFileSync(join(look, 'draft'), 'in no snapshot');
    await mac.run(`unmount ${conflict}/mail`);
    const { plan } = await discard(false);
    expect(plan?.unsnapshottedBytes).toBeGreaterThan(0);
  });

  test('destroys the conflict with what is below it, and nothing else', async () => {
    const others = [...mac.machine.datasets.keys()].filter((each) => !each.startsWith(conflict));
    const { plan } = await discard(true);
    expect(plan).toMatchObject({ user: 'alice', snapshots: 2, elsewhere: 'all', unsnapshottedBytes: 0 });
    expect([...mac.machine.datasets.keys()].sort()).toEqual(others.sort());
    expect(mac.commands().filter((words) => words.startsWith('destroy'))).toEqual([
      `destroy ${conflict}/mail@x`,
      `destroy ${conflict}/mail`,
      `destroy ${conflict}@x`,
      `destroy ${conflict}`,
    ]);
    expect([read('novel'), read('mail/inbox')]).toEqual(['Call me Ahab.', 'one']);
  });

  test('does nothing without the word of a person', async () => {
    expect((await discard(false)).done).toBeNull();
    expect(mac.commands().filter((words) => words.startsWith('destroy'))).toEqual([]);
  });

  test('tells when the server does not have it', async () => {
    await mac.runOnServer(`destroy -r ${conflict}/mail`);
    expect((await discard(false)).plan?.elsewhere).toBe('some');
    await mac.runOnServer(`destroy -r ${conflict}`);
    expect((await discard(false)).plan?.elsewhere).toBe('none');
  });

  test('of one whose first transfer was interrupted, and that has no snapshot, is told for people and programs', async () => {
    await mac.run(`destroy ${conflict}/mail@x`, `destroy ${conflict}@x`);
    const side = await readSide(mac.zfs, conflict, { side: 'mac', signal });
    const details = joinSides(name, side, null)!;
    expect(detailsToJson(details)).toMatchObject({ since: null, newest: null });
    expect(formatDetails(details)).toMatch(/no snapshot yet: its first transfer was interrupted/);
    const { plan, done } = await discard(true);
    expect(describeLoss(plan!, 'the server').join('\n')).toMatch(/it has no snapshot/);
    expect(describeLoss(plan!, 'the server').join('\n')).not.toMatch(/NaN/);
    expect(discardToJson(done!)).toMatchObject({ destroyed: true, since: null, newest: null });
    expect(datasetsBelow(mac.machine, conflictsRoot)).toEqual([]);
  });

  test.each([
    [
      'a clone hangs on it',
      `clone -o mountpoint=none ${conflict}/mail@x data/profiles/clone`,
      'dataset-busy',
    ],
    ['it is no conflict', `inherit roamhome:conflict ${conflict}`, 'dataset-missing'],
    ['it has another name', `rename -u ${conflict} ${conflictsRoot}/renamed`, 'dataset-missing'],
  ])('refuses when %s', async (_why, command, code) => {
    await mac.run(command);
    await expect(discard(true)).rejects.toMatchObject({ code });
    expect(mac.commands().filter((words) => words.startsWith('destroy'))).toEqual([]);
  });

  test('refuses one that is mounted', async () => {
    await mac.run(`set mountpoint=${mac.at('../look')} ${conflict}`, `mount -o ro ${conflict}`);
    await expect(discard(true)).rejects.toMatchObject({ code: 'dataset-busy' });
  });

  test('leaves what came to it while the person was being asked', async () => {
    await expect(
      discardConflict({
        ...{ zfs: mac.zfs, conflictsRoot, conflict, elsewhere: null, signal },
        confirm: async () => {
          await mac.run(`snapshot ${conflict}/mail@new`);
          return true;
        },
      }),
    ).rejects.toThrow(/has children/);
    expect(datasetsBelow(mac.machine, conflictsRoot)).toContain(`${conflict}/mail`);
  });
});
