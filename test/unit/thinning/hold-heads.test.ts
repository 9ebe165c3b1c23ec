import { describe, expect, test } from 'vitest';
import { createSimulatedHost, type SimulatedHost } from '../../../src/simulator/host.ts';
import { createMachine, type Machine } from '../../../src/simulator/machine.ts';
import { holdHeads, planHeads, type HoldJob } from '../../../src/thinning/hold-heads.ts';
import { describeHolds, needsHolds } from '../../../src/thinning/plan-holds.ts';
import { listThinnable } from '../../../src/zfs/commands/list-thinnable.ts';
import { listPermissions } from '../../../src/zfs/commands/permissions.ts';
import { parseDatasetName } from '../../../src/zfs/names.ts';
import { removeSeen } from '../../../src/zfs/remove-seen.ts';
import { createSyncZfs } from '../../../src/zfs/sync-zfs.ts';
import { thinningOf, createWorld } from '../../support/model/world.ts';
import { FaultyRun } from '../../support/model/faults.ts';

const homesRoot = parseDatasetName('data/profiles');
const conflictsRoot = parseDatasetName('data/profiles-conflicts');

async function zfs(host: SimulatedHost, ...commands: readonly string[]): Promise<void> {
  for (const words of commands) {
    const { exitCode, stderr } = await host.run(['zfs', ...words.split(' ')]);
    expect({ words, exitCode, stderr }).toEqual({ words, exitCode: 0, stderr: '' });
  }
}

/** A server with a home of two snapshots, and a branch beside it. */
async function server(permissions: string): Promise<{ job: HoldJob; host: SimulatedHost; machine: Machine }> {
  const { log } = thinningOf(await createWorld({ children: false }), 'server', new FaultyRun(null));
  let guid = 0n;
  const machine = createMachine({
    pools: ['data'],
    now: () => 1_700_000_000_000,
    random: () => (guid += 3n),
  });
  const host = createSimulatedHost({ name: 'server', machine });
  await zfs(
    host,
    ...[homesRoot, conflictsRoot].flatMap((root) => [
      `create ${root}`,
      `allow -u zfs_mobile_sync ${permissions} ${root}`,
      `create ${root}/alice`,
      `snapshot ${root}/alice@a`,
      `snapshot ${root}/alice@b`,
    ]),
    `create ${homesRoot}/empty`,
  );
  const own = createSyncZfs(host, { command: () => undefined, warning: () => undefined });
  const { signal } = new AbortController();
  return { job: { zfs: own, homesRoot, conflictsRoot, log, signal }, host, machine };
}

const run = async (job: HoldJob) => holdHeads(job, (await job.zfs.run(listThinnable(homesRoot))).slice(1));

const held = (machine: Machine): readonly string[] =>
  [...machine.datasets.values()].flatMap(({ name, snapshots }) =>
    snapshots.flatMap(({ short, holds }) => [...holds.keys()].map((tag) => `${name}@${short} ${tag}`)),
  );

describe('holds on the newest snapshots', () => {
  test('with receive:append none is set', async () => {
    const { job, machine } = await server('receive:append,create,mount');
    expect(await run(job)).toEqual({ held: 0, released: 0, problems: [] });
    expect(held(machine)).toEqual([]);
  });

  test('without it each new head is held before the old one is let go', async () => {
    const { job, host, machine } = await server('receive,create,mount');
    expect(await run(job)).toEqual({ held: 2, released: 0, problems: [] });
    const heads = [`${homesRoot}/alice@b roamhome`, `${conflictsRoot}/alice@b roamhome`];
    expect(held(machine)).toEqual(heads);
    expect(await run(job)).toEqual({ held: 0, released: 0, problems: [] });

    await zfs(host, `snapshot ${homesRoot}/alice@c`, `hold mine ${homesRoot}/alice@a`);
    const from = host.commandLog.length;
    expect(await run(job)).toEqual({ held: 1, released: 1, problems: [] });
    expect(held(machine)).toEqual([`${homesRoot}/alice@a mine`, `${homesRoot}/alice@c roamhome`, heads[1]]);
    const changes = host.commandLog.slice(from).map(({ argv }) => argv.slice(1).join(' '));
    expect(changes.filter((line) => /^(hold|release) /.test(line))).toEqual([
      `hold roamhome ${homesRoot}/alice@c`,
      `release roamhome ${homesRoot}/alice@b`,
    ]);
  });

  test('where the new one cannot be held the old one stays held', async () => {
    const { job, host, machine } = await server('receive,create,mount');
    await run(job);
    await zfs(host, `snapshot ${homesRoot}/alice@c`);
    const homes = (await job.zfs.run(listThinnable(homesRoot))).slice(1);
    await zfs(host, `rename ${homesRoot}/alice@c ${homesRoot}/alice@other`);
    const { problems, ...counts } = await holdHeads(job, homes);
    expect(counts).toEqual({ held: 0, released: 0 });
    expect(problems.map(({ code }) => code)).toEqual(['dataset-missing']);
    expect(held(machine)).toContain(`${homesRoot}/alice@b roamhome`);
  });

  test('once the server knows receive:append they are let go; a dry run says so and does not', async () => {
    const { job, host, machine } = await server('receive,create');
    await run(job);
    for (const root of [homesRoot, conflictsRoot])
      await zfs(
        host,
        `unallow -u zfs_mobile_sync receive ${root}`,
        `allow -u zfs_mobile_sync receive:append ${root}`,
      );
    const plan = await planHeads(job, (await job.zfs.run(listThinnable(homesRoot))).slice(1));
    expect(describeHolds(plan)[0]).toBe(`release ${homesRoot}/alice@b: it need not be held any more`);
    expect(held(machine)).toHaveLength(2);
    expect(await run(job)).toEqual({ held: 0, released: 2, problems: [] });
    expect(held(machine)).toEqual([]);
  });

  test('a merged branch goes in spite of our hold, not in spite of another', async () => {
    const { job, host, machine } = await server('receive,create');
    await run(job);
    const name = parseDatasetName(`${conflictsRoot}/alice`);
    const snapshots = (await job.zfs.run(listThinnable(name))).flatMap((one) =>
      one.snapshots.map((snapshot) => snapshot.name),
    );
    await zfs(host, `hold mine ${name}@a`);
    await expect(removeSeen(job.zfs, [{ name, snapshots }], job.signal)).rejects.toThrow("it's being held");
    expect(held(machine)).toContain(`${name}@b roamhome`);
    await zfs(host, `release mine ${name}@a`);
    await removeSeen(job.zfs, [{ name, snapshots }], job.signal);
    expect(machine.datasets.has(name)).toBe(false);
  });

  test('a server without a place for branches', async () => {
    const { job, host } = await server('receive,create');
    await zfs(host, `destroy -r ${conflictsRoot}`);
    expect(await run(job)).toEqual({ held: 1, released: 0, problems: [] });
  });
});

describe('what zfs allow says', () => {
  const parse = (text: string) => [...listPermissions(homesRoot).parse(text)].sort();

  test('of users, groups, everyone and sets, here and above', () => {
    const text =
      '---- Permissions on data/profiles ------------------------------------\n' +
      'Permission sets:\n\t@macs receive:append,send\n' +
      'Create time permissions:\n\tdestroy\n' +
      'Local+Descendent permissions:\n\tuser zfs_mobile_sync @macs,hold\n\teveryone mount\n\tuser (unknown: 1234) diff\n' +
      '---- Permissions on data ---------------------------------------------\n' +
      'Descendent permissions:\n\tgroup staff create\n';
    const all = ['@macs', 'create', 'destroy', 'diff', 'hold', 'mount', 'receive:append', 'send'];
    expect(parse(text)).toEqual(all);
    expect(parse('')).toEqual([]);
  });

  test.each(['cannot say\n', '\tuser a receive\nnote: something\n', '\n'])('%j is not understood', (text) => {
    expect(() => parse(text)).toThrow('does not understand');
  });

  test.each<[string, boolean]>([
    ['receive:append', false],
    ['receive', true],
    ['receive receive:append', true],
    ['send', true],
  ])('who may %s: holds are needed: %s', (words, want) => {
    expect(needsHolds(new Set(words.split(' ')))).toBe(want);
  });
});
