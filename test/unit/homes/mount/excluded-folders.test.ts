import { describe, expect, test } from 'vitest';
import {
  encodePath,
  folderDataset,
  folderOf,
  formatFolders,
  isFolderDataset,
  parseFolders,
  whyNoFolder,
} from '../../../../src/homes/mount/excluded-folders.ts';
import { childOf, parseDatasetName } from '../../../../src/zfs/names.ts';

const home = parseDatasetName('data/profiles/alice');

describe('the list of excluded folders', () => {
  test.each([
    ['none', [], 'none'],
    ['plain', ['Library/Caches', 'Downloads'], 'Downloads,Library/Caches'],
    ['blanks, quotes and commas', [`my "files", it's`], 'my%20%22files%22%2C%20it%27s'],
    ['a newline and a decomposed letter', ['a\nb', 'e\u0301'], 'a%0Ab,e%CC%81'],
    ['a percent sign', ['100%'], '100%25'],
  ])('with %s is one plain word, and is read again', (_what, folders, value) => {
    expect(formatFolders(folders)).toBe(value);
    expect(value).toMatch(/^[A-Za-z0-9_.:/@#=,%+-]+$/);
    expect(parseFolders(value)).toEqual({ folders: [...folders].sort(), wrong: [] });
  });

  test.each([
    ['-', [], []],
    ['Library,Library/Caches,Library', ['Library'], []],
    ['..,a/../b,/etc,a//b,a/', [], ['..', 'a/../b', '/etc', 'a//b', 'a/']],
    ['%2E%2E,%2e,%FF,%00,a%2Fb,a b', [], ['%2E%2E', '%2e', '%FF', '%00', 'a%2Fb', 'a b']],
    ['.roamhome-x,a/.zfs,ok', ['ok'], ['.roamhome-x', 'a/.zfs']],
    ['', [], ['']],
  ])('of a hostile server %j holds no path out of a home', (value, folders, wrong) => {
    expect(parseFolders(value)).toEqual({ folders, wrong });
  });

  test('that gets too long for a property is refused', () => {
    const many = Array.from({ length: 100 }, (_, i) => `${'x'.repeat(100)}${i}`);
    expect(() => formatFolders(many)).toThrow(/10\d\d\d bytes long/);
  });

  test.each(['', 'a/', '.', 'a/../b', 'a\0', 'x'.repeat(256), 'x/'.repeat(300) + 'x'])(
    'holds no %j',
    (path) => {
      expect(whyNoFolder(path)).not.toBeNull();
    },
  );
});

describe('the dataset of a folder', () => {
  const dataset = (name: string, folder: string) => ({
    name: childOf(home, name),
    properties: { 'roamhome:folder': folder },
  });
  const own = folderDataset(home, 'a b').slice(home.length + 1);

  test('has a name that any path has, and another for another path', () => {
    expect(own).toMatch(/^roamhome-excluded-[0-9a-f]{16}$/);
    expect(folderDataset(home, 'a  b')).not.toBe(folderDataset(home, 'a b'));
    expect(isFolderDataset(home, dataset(own, '-'))).toBe(true);
    expect(isFolderDataset(home, dataset('caches', '-'))).toBe(false);
  });

  test('holds the folder that it says, if its name says so too: what is below it inherits the property', () => {
    expect(folderOf(home, dataset(own, encodePath('a b')))).toBe('a b');
    expect(folderOf(home, dataset(own, '-'))).toBeNull();
    expect(folderOf(home, dataset(`${own}/below`, encodePath('a b')))).toBeNull();
    expect(folderOf(home, dataset(own, '../x'))).toBeNull();
  });
});
