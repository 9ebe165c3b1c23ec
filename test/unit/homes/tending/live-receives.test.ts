import { describe, expect, test } from 'vitest';
import type { RunningProgram } from '../../../../src/platform/running-program.ts';
import { receivesToEnd } from '../../../../src/homes/tending/live-receives.ts';
import type { GivenUp } from '../../../../src/homes/tending/plan-tend.ts';
import { tend } from '../../../../src/homes/tending/tend.ts';
import type { DatasetName } from '../../../../src/zfs/names.ts';
import { createWorld, edit, runAgent, tendingOf, type Mac } from '../../../support/model/world.ts';

const home = 'data/profiles/alice' as DatasetName;
const [hour, day] = [3_600_000, 86_400_000];

const program = (words: string, ageMs: number, uid = 990): RunningProgram => ({
  ...{ pid: 4711, uid, start: 'boot.1', ageMs },
  argv: words.split(' '),
});

describe('which receives are ended', () => {
  const given = (because: GivenUp['because']): GivenUp => ({ dataset: home, idleMs: 0, ageMs: 0, because });
  const into = `/usr/sbin/zfs receive -u -s ${home}`;

  test.each<[string, RunningProgram, GivenUp[], string | null]>([
    ['one that nothing came to for an hour', program(into, hour), [given('idle')], 'idle'],
    ['one that has just gone on with an idle transfer: none', program(into, hour - 1), [given('idle')], null],
    ['one that goes on with what has not ended for a month', program(into, 60_000), [given('old')], 'old'],
    ['one that is not resumable, of a month', program(`zfs recv ${home}@x`, 30 * day), [], 'old'],
    ['one at work: none', program(into, 29 * day), [], null],
    ['into another home: none', program(`${into}2`, hour), [given('idle')], null],
    ["root's own: none", program(into, 31 * day, 0), [given('old')], null],
    ['outside the roots: none', program('zfs receive -u tank/other', 31 * day), [], null],
    ['a root itself: none', program('zfs receive -u data/profiles', 31 * day), [], null],
    ['a send: none', program(`zfs send ${home}`, 31 * day), [given('old')], null],
    ['another program: none', program(`/home/eve/notzfs receive ${home}`, 31 * day), [given('old')], null],
    ['one without a target: none', program('zfs receive -u', 31 * day), [], null],
  ])('%s', (_what, running, abort, because) => {
    const isOurs = (dataset: string): boolean => dataset.startsWith('data/profiles/');
    const found = receivesToEnd([running], abort, { isOurs, idleMs: hour, longestMs: 30 * day });
    expect(found.map((one) => one.because)).toEqual(because === null ? [] : [because]);
  });
});

/** A receive of the first Mac's stands on the server, alive; what has its process ended leaves what came. */
async function withLiveReceive() {
  const world = await createWorld({ children: false });
  const [first] = world.macs as readonly [Mac];
  edit(world, first);
  await runAgent(world, first, 'logout', { kind: 'killed-at-byte', bytes: 300 });
  const { partial } = world.server.datasets.get(home) ?? {};
  if (partial === undefined || partial === null) throw new Error('nothing was interrupted');
  partial.owner = 'the receive';
  const running = program(`/usr/sbin/zfs receive -u -s ${home}`, 0);
  const started = world.now;
  const ended: number[] = [];
  const job = {
    ...tendingOf(world),
    programs: {
      list: () => (partial.owner === null ? [] : [{ ...running, ageMs: world.now - started }]),
      end: ({ pid }: RunningProgram) => {
        ended.push(pid);
        partial.owner = null;
        return Promise.resolve(true);
      },
    },
  };
  return { world, first, job, ended, partial };
}

test('a receive that is alive and gets nothing is ended and given up after an hour, and its home goes on', async () => {
  const { world, first, job, ended } = await withLiveReceive();
  expect(await tend(job)).toMatchObject({ aborted: [], busy: [] });
  world.now += hour;
  expect(await tend(job)).toMatchObject({ aborted: [home], busy: [], problems: [] });
  expect(ended).toEqual([4711]);
  const sent = await runAgent(world, first, 'logout', null);
  expect(sent).toMatchObject({ problems: [], sync: { conflict: null } });
});

test('one that is fed now and then is ended after a month', async () => {
  const { world, job, ended, partial } = await withLiveReceive();
  const run = () => {
    // Another state each time, as its token tells it.
    partial.bytes += 1;
    return tend(job);
  };
  for (let days = 0; days < 30; days += 1) {
    expect(await run()).toMatchObject({ aborted: [], busy: [] });
    world.now += day;
  }
  expect(ended).toEqual([]);
  expect(await run()).toMatchObject({ aborted: [home], busy: [] });
  expect(ended).toEqual([4711]);
});

test('one whose process does not end stays, and is told as in use', async () => {
  const { world, job } = await withLiveReceive();
  const stuck = { ...job, programs: { ...job.programs, end: () => Promise.resolve(false) } };
  await tend(stuck);
  world.now += hour;
  expect(await tend(stuck)).toMatchObject({ aborted: [], busy: [home] });
});
