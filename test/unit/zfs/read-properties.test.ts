import { expect, test } from 'vitest';
import { createSimulatedHost } from '../../../src/simulator/host.ts';
import { createMachine } from '../../../src/simulator/machine.ts';
import { parseDatasetName } from '../../../src/zfs/names.ts';
import { readLocalProperties, readShowingProperties } from '../../../src/zfs/read-properties.ts';
import { createSyncZfs } from '../../../src/zfs/sync-zfs.ts';

const home = parseDatasetName('data/profiles/alice');

test('a user property with lines in it is read whole, and is taken for no other property', async () => {
  const machine = createMachine({ pools: ['data'], now: () => 0, random: () => 77n });
  const host = createSimulatedHost({ name: 'this Mac', machine });
  const note = `a note\n${home}\tsetuid\ton\nand the rest`;
  for (const argv of [
    ['create', '-o', 'xattr=sa', 'data/profiles'],
    ['create', '-o', `org.example:note=${note}`, home],
    ['set', `org.example:note=above\n${home}\tacltype\tposix`, 'data'],
  ])
    expect(await host.run(['zfs', ...argv])).toMatchObject({ exitCode: 0 });
  const zfs = createSyncZfs(host, { command: () => undefined, warning: () => undefined });
  expect((await readLocalProperties(zfs, home, {})).get(home)).toEqual({ 'org.example:note': note });
  expect(Object.keys(await readShowingProperties(zfs, home, {}))).toEqual(['xattr']);
});
