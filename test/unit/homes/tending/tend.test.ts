import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { memoryFile } from '../../../../src/homes/tending/memory-file.ts';
import { tend, type TendReport } from '../../../../src/homes/tending/tend.ts';
import {
  createWorld,
  edit,
  runAgent,
  tendingOf,
  type Mac,
  type World,
} from '../../../support/model/world.ts';

const hour = 3_600_000;

async function twoMacs(): Promise<{ world: World; first: Mac; second: Mac }> {
  const world = await createWorld({ children: true });
  const [first, second] = world.macs as readonly [Mac, Mac];
  edit(world, first);
  await runAgent(world, first, 'logout', null);
  await runAgent(world, second, 'login', null);
  await runAgent(world, first, 'login', null);
  return { world, first, second };
}

const names = (world: World): string[] => [...world.server.datasets.keys()].sort();

test('a transfer that nobody goes on with is given up after its time; the home goes on, and its branch goes', async () => {
  const { world, first, second } = await twoMacs();
  const job = tendingOf(world);
  edit(world, first);
  await runAgent(world, first, 'logout', { kind: 'killed-at-byte', bytes: 300 });
  const idle: TendReport = {
    ...{ aborted: [], removed: [], destroyed: [], unproven: [], busy: [], problems: [] },
  };
  expect(await tend(job)).toEqual(idle);

  edit(world, second);
  const blocked = await runAgent(world, second, 'logout', null);
  expect(blocked?.sync?.conflict).toMatchObject({ kind: 'server-blocked', setAside: null });
  const branch = blocked?.sync?.conflict?.branch ?? '';
  expect(names(world)).toContain(branch);
  expect(await tend(job)).toEqual(idle);

  world.now += hour;
  expect((await tend(job)).aborted.length).toBeGreaterThan(0);
  const sent = await runAgent(world, second, 'logout', null);
  expect(sent).toMatchObject({ problems: [], sync: { conflict: null } });
  expect(await tend(job)).toMatchObject({ aborted: [], removed: [branch], problems: [] });
  expect(names(world).filter((name) => name.startsWith(branch))).toEqual([]);
});

test('the memory is written whole, for its owner alone', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'roamhome-tend-'));
  try {
    const memory = memoryFile(join(directory, 'state'));
    expect(await memory.read()).toEqual({});
    await memory.write({ 'data/a': { mark: 'm', since: 5, head: '1', begun: 3 } });
    expect(await memory.read()).toEqual({ 'data/a': { mark: 'm', since: 5, head: '1', begun: 3 } });
    expect(readdirSync(join(directory, 'state'))).toEqual(['tend.json']);
    expect(statSync(join(directory, 'state', 'tend.json')).mode & 0o777).toBe(0o600);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
