import { expect, test, vi } from 'vitest';
import { RoamhomeError } from '../../../../src/errors/errors.ts';
import type { Host } from '../../../../src/host/host.ts';
import { examineHome, type Before } from '../../../../src/homes/snapshots/examine.ts';
import type { SyncZfs } from '../../../../src/zfs/sync-zfs.ts';
import type { Dataset } from '../../../../src/zfs/version.ts';
import { diffOf, noFiles, plainGuard } from '../../../support/sync/diffs.ts';
import { dataset, localHome } from '../../../support/sync/homes.ts';

interface Fake {
  readonly written: readonly [name: string, bytes: bigint][];
  readonly differs?: readonly string[];
  readonly unmountable?: 'dataset-busy' | 'key-not-loaded';
  readonly mounted?: boolean;
}

const sleep = (): Promise<void> => Promise.resolve();

const brief = (name: string): string => name.replace(/^.*\/alice/, '~');

function fakeZfs(fake: Fake): { zfs: SyncZfs; journal: string[] } {
  const journal: string[] = [];
  const mounts = new Set<string>(fake.mounted === true ? fake.written.map(([name]) => name) : []);
  const tree = (): readonly Dataset[] =>
    fake.written.map(([name, written]) => {
      const { path: _path, change: _change, partial: _partial, ...one } = dataset(localHome, name, '@a:1');
      const properties = { mountpoint: name === '' ? '/Users/alice' : `/Users/alice/${name}` };
      return { ...one, properties: { ...one.properties, ...properties }, written, mounted: mounts.has(name) };
    });
  const zfs: SyncZfs = {
    host: { name: 'this Mac' } as Host,
    observer: { command: () => undefined, warning: () => undefined },
    listTree: () => {
      journal.push('list');
      return Promise.resolve(tree());
    },
    exists: () => Promise.resolve(true),
    run: (command) => {
      const [, verb, ...words] = command.argv;
      const name = words.at(-1) ?? '';
      journal.push([verb, ...words.slice(0, -1), brief(name)].join(' '));
      if (verb === 'mount' && fake.unmountable !== undefined) {
        throw new RoamhomeError({ code: fake.unmountable, message: 'not mounted', remedy: 'see above' });
      }
      const path = name.slice(localHome.length + 1);
      if (verb === 'mount') mounts.add(path);
      if (verb === 'unmount') mounts.clear();
      return Promise.resolve(command.parse(''));
    },
    diff: (name) => {
      journal.push(`diff ${brief(name)}`);
      const differs = (fake.differs ?? []).includes(name.slice(localHome.length + 1));
      return diffOf(differs ? ['M\tF\t/Users/alice/thesis'] : []);
    },
    decodeToken: () => Promise.resolve(null),
  };
  return { zfs, journal };
}

test.each<[string, Fake, Before, string[], string[]]>([
  ['nothing written: no proof is needed', { written: [['', 0n]] }, 'flushed', ['list'], ['none']],
  [
    'not unmounted by us: the intent log is replayed first',
    { written: [['', 0n]] },
    'unmounted',
    ['mount -o ro,nosuid,nodev ~', 'list', 'unmount ~'],
    ['none'],
  ],
  [
    'the same, with datasets below: looked at again once all are mounted',
    {
      written: [
        ['', 0n],
        ['mail', 0n],
      ],
    },
    'unmounted',
    ['mount -o ro,nosuid,nodev ~', 'list', 'mount -o ro,nosuid,nodev ~/mail', 'list', 'unmount ~'],
    ['none', 'none'],
  ],
  [
    'a mount wrote',
    { written: [['', 8192n]] },
    'flushed',
    ['list', 'mount -o ro,nosuid,nodev ~', 'diff ~', 'unmount ~'],
    ['written-only'],
  ],
  [
    'a file changed',
    { written: [['', 8192n]], differs: [''] },
    'flushed',
    ['list', 'mount -o ro,nosuid,nodev ~', 'diff ~', 'unmount ~'],
    ['files'],
  ],
  [
    'so much was written that it needs no proof',
    { written: [['', 1_000_000n]] },
    'flushed',
    ['list'],
    ['files'],
  ],
  [
    'only a dataset below was written to: the home is mounted before it',
    {
      written: [
        ['', 0n],
        ['mail', 4096n],
      ],
    },
    'flushed',
    ['list', 'mount -o ro,nosuid,nodev ~', 'mount -o ro,nosuid,nodev ~/mail', 'diff ~/mail', 'unmount ~'],
    ['none', 'written-only'],
  ],
  [
    'what cannot be mounted cannot be proved',
    { written: [['', 8192n]], unmountable: 'dataset-busy' },
    'unmounted',
    ['mount -o ro,nosuid,nodev ~', 'list'],
    ['files'],
  ],
  [
    'in use: taken for changed, whatever it says of itself',
    { written: [['', 0n]], mounted: true },
    'in-use',
    ['list'],
    ['files'],
  ],
])('%s', async (_what, fake, before, commands, changes) => {
  const { zfs, journal } = fakeZfs(fake);
  const home = await examineHome(zfs, localHome, {
    tokenReader: zfs,
    before,
    files: noFiles,
    guard: plainGuard,
    sleep,
  });
  expect(journal).toEqual(commands);
  expect(home?.datasets.map(({ change }) => change)).toEqual(changes);
  if (before !== 'in-use') expect(home?.datasets.some(({ mounted }) => mounted)).toBe(false);
});

test('without its key nothing is decided: what waits in the intent log is not known', async () => {
  const { zfs, journal } = fakeZfs({ written: [['', 0n]], unmountable: 'key-not-loaded' });
  vi.spyOn(zfs, 'run').mockImplementation((command) => {
    const [, verb, ...words] = command.argv;
    journal.push([verb, ...words.slice(0, -1)].join(' '));
    if (verb === 'list') return Promise.resolve(command.parse(`${localHome}\n`));
    throw new RoamhomeError({ code: 'key-not-loaded', message: 'no key', remedy: 'load it' });
  });
  const options = {
    tokenReader: zfs,
    before: 'unmounted',
    files: noFiles,
    guard: plainGuard,
    sleep,
  } as const;
  const examined = examineHome(zfs, localHome, options);
  await expect(examined).rejects.toMatchObject({ code: 'key-not-loaded' });
  expect(journal).toEqual(['mount -o ro,nosuid,nodev', 'list -Hp -o encryptionroot', 'load-key']);
});
