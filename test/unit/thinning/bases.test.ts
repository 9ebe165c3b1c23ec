import { expect, test } from 'vitest';
import { pipe } from '../../support/conflicts/conflict-mac.ts';
import { createWorld, edit, runAgent, thinOn, type Mac, type World } from '../../support/model/world.ts';

const home = 'data/profiles/alice';

/** The thinner of the model takes everybody's snapshots and keeps the newest one, as `thinning.match` and the schedule may say. */
async function worldWithHome(): Promise<{ world: World; first: Mac; second: Mac; third: Mac }> {
  const world = await createWorld({ children: true });
  const [first, second, third] = world.macs as readonly [Mac, Mac, Mac];
  await session(world, first);
  await session(world, second, 'reads');
  return { world, first, second, third };
}

/** In, some work, out: on a home that was everywhere nobody but this Mac has changed anything. */
async function session(world: World, at: Mac, does: 'works' | 'reads' = 'works'): Promise<void> {
  for (const what of ['login', 'logout'] as const) {
    if (what === 'logout' && does === 'works') edit(world, at);
    world.now += 60_000;
    const report = await runAgent(world, at, what, null);
    expect(report, `${what} on ${at.name}`).toMatchObject({ problems: [], warnings: [] });
  }
  expect(at.pending.size).toBe(0);
  expect(world.conflicts).toEqual([]);
}

async function tool(world: World, what: 'snapshot' | 'destroy', name: string): Promise<void> {
  const { stderr } = await world.admin.run(['zfs', what, '-r', `${home}@${name}`]);
  expect(stderr).toBe('');
}

const shorts = (at: Mac | World['server']): readonly string[] =>
  (('machine' in at ? at.machine : at).datasets.get(home)?.snapshots ?? []).map(({ short }) => short);

test('what a Mac goes on from stays on the server, though another tool’s snapshot is newer and all are thinned meanwhile', async () => {
  const { world, first, second } = await worldWithHome();
  for (const at of [first, second]) {
    expect(await runAgent(world, at, 'login', null)).toMatchObject({ problems: [], warnings: [] });
    await tool(world, 'snapshot', `tool-${at.name}`);
    expect((await thinOn(world, 'server', null))?.problems).toEqual([]);
    edit(world, at);
    expect(await runAgent(world, at, 'logout', null)).toMatchObject({ problems: [], warnings: [] });
    expect(world.conflicts).toEqual([]);
  }
});

test('a Mac that came to the home after another tool’s snapshot goes on when the tool has taken that away', async () => {
  const { world, third, first } = await worldWithHome();
  await tool(world, 'snapshot', 'tool');
  await session(world, third, 'reads');
  await tool(world, 'destroy', 'tool');
  await session(world, third);
  await session(world, first, 'reads');
});

test('what a Mac goes on from stays on it, though it has another tool’s newer snapshot, which the tool takes away on the server', async () => {
  const { world, first, second } = await worldWithHome();
  const [base] = shorts(world.server).slice(-1);
  await tool(world, 'snapshot', 'tool');
  // By hand, as a pool is moved; a raw home has it too.
  await pipe(world.admin, `send -i @${base} ${home}@tool`, second.root, `receive -u -F ${home}`);
  expect((await thinOn(world, second, null))?.problems).toEqual([]);
  expect(shorts(second)).toEqual([base, 'tool']);
  await tool(world, 'destroy', 'tool');
  await session(world, first);
  await session(world, second);
});
