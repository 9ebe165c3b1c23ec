import { describe, expect, test } from 'vitest';
import { collectStatus } from '../../../src/homes/status/collect.ts';
import { tend } from '../../../src/homes/tending/tend.ts';
import { listFilesystems } from '../../../src/zfs/commands/list-filesystems.ts';
import { parseDatasetName } from '../../../src/zfs/names.ts';
import { createSyncZfs } from '../../../src/zfs/sync-zfs.ts';
import { forgeSnapshot } from '../../support/model/forge.ts';
import {
  createWorld,
  edit,
  runAgent,
  tendingOf,
  thinOn,
  type Mac,
  type World,
} from '../../support/model/world.ts';

// What a stolen key makes on the server, in a home of its own user and beside it, stops nobody else.

const [root, conflicts] = ['data/profiles', 'data/profiles-conflicts'].map(parseDatasetName) as [
  ReturnType<typeof parseDatasetName>,
  ReturnType<typeof parseDatasetName>,
];
const mallory = `${root}/mallory`;
const alice = `${root}/alice`;

type Zfs = (...words: readonly string[]) => Promise<void>;
type Attack = (zfs: Zfs, world: World) => Promise<unknown>;

/** The newest of alice's snapshots on the server. */
const newest = (world: World, name = alice) => world.server.datasets.get(name)!.snapshots.at(-1)!;

const encryption = ['-o', 'encryption=on', '-o', 'keyformat=passphrase', '-o', 'keylocation=file:///root/k'];

async function many(count: number, make: (index: number) => Promise<unknown>): Promise<void> {
  for (let index = 0; index < count; index += 1) await make(index);
}

/** Each makes what a key can bring by streams and properties; `at` is the home that it is made in. */
const within = (at: string): Readonly<Record<string, Attack>> => ({
  'holds on each snapshot': async (zfs, world) => {
    for (const { short } of world.server.datasets.get(at)!.snapshots)
      await zfs('hold', 'mine', `${at}@${short}`);
  },
  'an encrypted dataset whose key nobody has': (zfs, world) => {
    world.server.keyFiles.set('/root/k', 'a key of nobody');
    return zfs('create', ...encryption, `${at}/sealed`).then(() => zfs('snapshot', `${at}/sealed@x`));
  },
  'a dataset with the name of an excluded one': async (zfs) => {
    await zfs('create', `${at}/roamhome-excluded-0123456789abcdef`);
    await zfs('snapshot', `${at}/roamhome-excluded-0123456789abcdef@x`);
  },
  'a deep tree': async (zfs) => {
    let deep = at;
    await many(12, () => zfs('create', (deep += '/d')));
    await zfs('snapshot', '-r', `${at}/d@x`);
  },
  'a hundred datasets': (zfs) => many(100, (index) => zfs('create', `${at}/n${index}`)),
  'eight hundred snapshots': (_zfs, world) =>
    many(800, () => Promise.resolve(forgeSnapshot(world.server, `${at}/mail`, { written: 0 }))),
  'properties with rows, escapes and 8 KiB of text': async (zfs) => {
    await zfs('create', `${at}/odd`);
    for (const [name, value] of [
      ['roamhome:conflict', `x\n${alice}@forged\tsnapshot\t1\t9\t1700000000\t5\t-\t-\t-`],
      ['roamhome:session', '\u001B]0;owned\u0007\tmac0,2026-11-20T06:45:00Z'],
      ['roamhome:exclude', '%2e%2e/etc %00 '.repeat(500)],
      ['roamhome:sync', 'off\noff'],
      ['roamhome:sendflags', 'w;id'],
    ])
      await zfs('set', `${name}=${value}`, `${at}/odd`);
  },
  'a volume with snapshots': async (zfs) => {
    await zfs('create', '-s', '-V', '16M', `${at}/volume`);
    await zfs('snapshot', `${at}/volume@v`);
  },
  'a snapshot with a blank': async (zfs) => {
    await zfs('create', `${at}/blank`);
    await zfs('snapshot', `${at}/blank@before upgrade`);
  },
  'snapshots with our names, from the past and from the future': async (zfs, world) => {
    await zfs('create', `${at}/named`);
    for (const year of [1970, 2026, 2100, 9999])
      forgeSnapshot(world.server, `${at}/named`, {
        short: `roamhome-${year}0101T000000.000Z-mac0`,
        creation: Date.UTC(year) / 1000,
      });
    forgeSnapshot(world.server, `${at}/named`, { short: 'roamhome-x', creation: 2 ** 53 });
  },
  'two snapshots of one guid below it': async (zfs, world) => {
    await zfs('create', `${at}/twice`);
    const { guid } = forgeSnapshot(world.server, `${at}/twice`, {});
    forgeSnapshot(world.server, `${at}/twice`, { guid });
  },
});

const beside: Readonly<Record<string, Attack>> = {
  "a clone of another's home": (zfs, world) =>
    zfs('clone', `${alice}@${newest(world).short}`, `${mallory}/leak`),
  "snapshots with the names and guids of another's": (_zfs, world) => {
    for (const { short, guid } of world.server.datasets.get(alice)!.snapshots)
      forgeSnapshot(world.server, mallory, { short, guid });
    return Promise.resolve();
  },
  'homes by names that are no user': async (zfs, world) => {
    for (const name of ['root', '-rf', 'a b', '0', 'ALICE', 'roamhome-removed', 'alice-mac0', '.hidden']) {
      await zfs('create', `${root}/${name}`);
      forgeSnapshot(world.server, `${root}/${name}`, {});
    }
  },
  'branches that are marked as anything': async (zfs, world) => {
    for (const [index, mark] of ['mallory', '../..', '', '*', 'root', '\u001B[2J'].entries()) {
      const branch = `${conflicts}/mallory-mac${index}-20261120T064500Z`;
      await zfs('create', branch);
      await zfs('set', `roamhome:conflict=${mark}`, branch);
      forgeSnapshot(world.server, branch, {});
    }
  },
  "a branch that says it is another's, with the guid of that one's newest": async (zfs, world) => {
    const branch = `${conflicts}/alice-mac9-20261120T064500Z`;
    await zfs('create', branch);
    await zfs('set', 'roamhome:conflict=alice', branch);
    forgeSnapshot(world.server, branch, { guid: newest(world).guid, short: 'forged' });
  },
  'volumes beside the homes and the conflicts': async (zfs) => {
    for (const place of [root, conflicts]) {
      await zfs('create', '-s', '-V', '16M', `${place}/volume`);
      await zfs('snapshot', `${place}/volume@v`);
    }
  },
};

const observer = { command: () => undefined, warning: () => undefined };

/** alice has worked on two Macs, mallory has a home too; then the attack. */
async function attacked(attack: Attack): Promise<{ world: World; macs: readonly [Mac, Mac, Mac] }> {
  const world = await createWorld({ children: true });
  const macs = world.macs as readonly [Mac, Mac, Mac];
  edit(world, macs[0]);
  await runAgent(world, macs[0], 'logout', null);
  const zfs: Zfs = async (...words) => {
    const { exitCode, stderr } = await world.admin.run(['zfs', ...words] as never);
    if (exitCode !== 0) throw new Error(`${words.slice(0, 9).join(' ')}: ${stderr}`);
  };
  for (const name of [mallory, `${mallory}/mail`]) {
    await zfs('create', '-o', 'canmount=noauto', name);
    await zfs('snapshot', `${name}@roamhome-20261120T064000.000Z-mac0`);
  }
  await attack(zfs, world);
  return { world, macs };
}

/** Two sessions of alice's, each on another Mac, and the server's jobs after each; what they tell. */
async function goOn(world: World, [first, second]: readonly [Mac, Mac, Mac]) {
  const told: string[] = [];
  for (const mac of [second, first]) {
    for (const what of ['login', 'logout'] as const) {
      world.now += 3_600_000;
      const report = await runAgent(world, mac, what, null);
      if (what === 'login') {
        expect(report).toMatchObject({ mounted: true });
        edit(world, mac);
      }
      for (const { message } of report?.problems ?? []) told.push(message);
      for (const warning of report?.warnings ?? []) told.push(warning);
      expect(report?.sync?.conflict ?? null).toBeNull();
    }
    const tended = await tend(tendingOf(world));
    const thinned = await thinOn(world, 'server', null);
    for (const { message } of [...tended.problems, ...(thinned?.problems ?? [])]) told.push(message);
  }
  return told;
}

async function statusOf(world: World) {
  const zfs = createSyncZfs(world.admin, observer);
  const { signal } = new AbortController();
  // doctor begins with this list, status with the other.
  await zfs.run(listFilesystems(root, ['canmount', 'setuid']), { signal });
  const request = {
    local: null,
    server: { zfs, root },
    conflictsRoot: conflicts,
    user: null,
    pending: [],
    signal,
  };
  return collectStatus(request);
}

/** It names what was made in the home, or the snapshots whose time cannot be. */
const isToldOf = (line: string): boolean =>
  /alice\/(sealed|roamhome-excluded-|d|odd|volume|blank|named|twice)|^the server has roamhome-excluded-/.test(
    line,
  );

const names = (told: readonly string[]): string[] =>
  told.filter((line) => !/mallory|volume|root\//.test(line));

describe('in the home of another', () => {
  test.each(Object.entries({ ...within(mallory), ...beside }))('%s', async (_what, attack) => {
    const { world, macs } = await attacked(attack);
    const told = await goOn(world, macs);
    expect(names(told)).toEqual([]);
    expect(newest(world).short).toMatch(/mac0$/);
    expect((await statusOf(world)).homes.map(({ user }) => user)).toContain('alice');
  });
});

describe('in the home itself, by a key that may write to it: what is odd is told, and the rest goes on', () => {
  test.each(Object.entries(within(alice)))('%s', async (_what, attack) => {
    const { world, macs } = await attacked(attack);
    const told = await goOn(world, macs);
    const [files, there] = [macs[0].machine, world.server].map(({ datasets }) =>
      [...datasets.get(alice)!.snapshots.at(-1)!.tree.keys()].sort(),
    );
    expect(there, told.join('\n')).toEqual(files);
    expect(files).toContain('kept-3');
    expect([...new Set(told.filter((line) => !isToldOf(line)))]).toEqual([]);
    expect((await statusOf(world)).homes.map(({ user }) => user)).toContain('alice');
  });
});
