import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { treeOf } from '../../../src/simulator/files/files.ts';
import { inHome, reachable } from '../../support/model/invariants.ts';
import { createWorld, edit, runAgent, type Mac, type World } from '../../support/model/world.ts';

const document = new URL('../../../docs/two-at-once.md', import.meta.url);
const conflicts = 'data/profiles-conflicts/';

type Act = 'in' | 'work' | 'out';
const acts: readonly Act[] = ['in', 'work', 'out'];

/** Every order in which two Macs can do their three things. */
function interleavings(a: readonly Act[], b: readonly Act[]): readonly (readonly [0 | 1, Act])[][] {
  const [first, ...restA] = a;
  const [other, ...restB] = b;
  if (first === undefined && other === undefined) return [[]];
  const orders: (readonly [0 | 1, Act])[][] = [];
  if (first !== undefined) for (const rest of interleavings(restA, b)) orders.push([[0, first], ...rest]);
  if (other !== undefined) for (const rest of interleavings(a, restB)) orders.push([[1, other], ...rest]);
  return orders;
}

async function act(world: World, mac: Mac, what: Act): Promise<void> {
  world.now += 60_000;
  if (what === 'work') edit(world, mac);
  else {
    const report = await runAgent(world, mac, what === 'in' ? 'login' : 'logout', null);
    expect(report?.problems).toEqual([]);
  }
}

/** Where a Mac's work is: in the home on the server, or in a conflict. */
function whereIs(world: World, content: string): string {
  if (inHome(world.server).includes(content)) return 'home';
  const holds = (machine: World['server']): boolean =>
    [...machine.datasets.values()].some(
      ({ name, snapshots }) =>
        name.startsWith(conflicts) &&
        snapshots.some((snapshot) =>
          [...treeOf(machine, `${name}@${snapshot.short}`).values()].some(
            (entry) => entry.kind === 'file' && entry.content === content,
          ),
        ),
    );
  const aside = world.macs.some(({ machine }) => holds(machine));
  const branch = holds(world.server);
  if (branch && aside) return 'set aside, and a branch';
  return branch ? 'a branch' : aside ? 'set aside' : 'LOST';
}

async function row(order: readonly (readonly [0 | 1, Act])[]): Promise<string> {
  const world = await createWorld({ children: false });
  const [a, b] = world.macs as readonly [Mac, Mac];
  await runAgent(world, a, 'logout', null);
  await runAgent(world, b, 'login', null);
  await runAgent(world, b, 'logout', null);
  const work: Record<number, string> = {};
  for (const [index, what] of order) {
    const mac = index === 0 ? a : b;
    await act(world, mac, what);
    if (what === 'work')
      work[index] = inHome(mac.machine).find((content) => content.includes(`on ${mac.name} `)) ?? '';
  }
  const [ofA = '', ofB = ''] = [work[0], work[1]];
  const after = [whereIs(world, ofA), whereIs(world, ofB)];
  for (const mac of [a, b]) {
    await act(world, mac, 'in');
    await act(world, mac, 'out');
  }
  const later = [whereIs(world, ofA), whereIs(world, ofB)];
  for (const content of [ofA, ofB]) expect(reachable(world).has(content)).toBe(true);
  expect(later).not.toContain('LOST');
  const told = order.map(([index, what]) => `${index === 0 ? 'A' : 'B'} ${what}`).join(', ');
  return `| ${told} | ${[...after, ...later].join(' | ')} |`;
}

test('two Macs at once, in every order: the table in docs/two-at-once.md', async () => {
  const orders = interleavings(acts, acts);
  expect(orders).toHaveLength(20);
  const rows: string[] = [];
  for (const order of orders) rows.push(await row(order));
  const text = readFileSync(document, 'utf8');
  const [head = ''] = text.split('| order');
  const table = [
    '| order | A’s work after both logouts | B’s work | A’s work after a login on each | B’s work |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ];
  if (process.env['ROAMHOME_WRITE_DOCS'] === '1') writeFileSync(document, `${head}${table.join('\n')}\n`);
  const plain = (lines: string): string => lines.replaceAll(/ +/g, ' ').replaceAll(/-+/g, '-');
  expect(plain(`| order${text.split('| order')[1] ?? ''}`.trim())).toBe(plain(table.join('\n')));
});
