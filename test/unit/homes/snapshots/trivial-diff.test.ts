import { describe, expect, test } from 'vitest';
import { collectTrivial } from '../../../../src/homes/snapshots/trivial-diff.ts';
import { trivialKind, type Trivial } from '../../../../src/homes/snapshots/trivial-paths.ts';
import { diffOf } from '../../../support/sync/diffs.ts';

test.each<[string, Trivial | null]>([
  ['.DS_Store', 'file'],
  ['Documents/letters/.DS_Store', 'file'],
  ['.VolumeIcon.icns', 'file'],
  ['.apdisk', 'file'],
  ['.com.apple.timemachine.donotpresent', 'file'],
  ['.fseventsd', 'tree'],
  ['.fseventsd/0000000012345678', 'in-tree'],
  ['.Spotlight-V100/Store-V2/x/.DS_Store', 'in-tree'],
  ['', null],
  ['thesis', null],
  ['.DS_Store/thesis', null],
  ['.ds_store', null],
  ['x.DS_Store', null],
  ['Documents/.VolumeIcon.icns', null],
  ['Documents/.fseventsd', null],
  ['Documents/.fseventsd/x', null],
  ['Documents/.Spotlight-V100/x', null],
  ['.fseventsd2', null],
  ['.Trashes/501/thesis', null],
  ['.Trash/thesis', null],
  ['.TemporaryItems/folders.501/thesis', null],
  ['.DocumentRevisions-V100/x', null],
])('%j is %s', (path, kind) => {
  expect(trivialKind(path)).toBe(kind);
});

const collect = (lines: readonly string[]): ReturnType<typeof collectTrivial> =>
  collectTrivial(diffOf(lines), '/u');

describe('names no more than may be given up', () => {
  test.each<[string, string[], string[], string[]]>([
    ['nothing', [], [], []],
    ['made in the root', ['+\tF\t/u/.DS_Store', 'M\t/\t/u/'], ['dataset .DS_Store'], ['']],
    [
      'made in a folder, whose line comes first',
      ['M\t/\t/u/a', '+\tF\t/u/a/.DS_Store'],
      ['dataset a/.DS_Store'],
      ['a'],
    ],
    ['changed', ['M\tF\t/u/a/.DS_Store'], ['dataset a/.DS_Store'], []],
    ['removed', ['-\tF\t/u/.DS_Store', 'M\t/\t/u/'], ['snapshot .DS_Store'], ['']],
    [
      'moved from one folder to the other',
      ['R\tF\t/u/a/.DS_Store\t/u/b/.DS_Store', 'M\t/\t/u/a', 'M\t/\t/u/b'],
      ['dataset b/.DS_Store'],
      ['a', 'b'],
    ],
    [
      'the log of fseventsd',
      [
        '+\t/\t/u/.fseventsd',
        '+\tF\t/u/.fseventsd/1',
        '-\tF\t/u/.fseventsd/0',
        'M\t/\t/u/.fseventsd',
        'M\t/\t/u/',
      ],
      ['dataset .fseventsd/1', 'snapshot .fseventsd/0'],
      [''],
    ],
  ])('%s', async (_what, lines, files, directories) => {
    const found = await collect(lines);
    expect(found?.files.map((file) => `${file.in} ${file.path}`)).toEqual(files);
    expect(found?.directories).toEqual(directories);
  });
});

describe('counts as a difference', () => {
  const made = ['+\tF\t/u/.DS_Store', 'M\t/\t/u/'];
  test.each<[string, string[]]>([
    ['a real file beside it', [...made, '+\tF\t/u/thesis']],
    ['a real file before it', ['M\tF\t/u/thesis', ...made]],
    ['a directory that nothing explains', [...made, 'M\t/\t/u/tagged']],
    ['the root, when only what is in it changed', ['M\tF\t/u/.DS_Store', 'M\t/\t/u/']],
    ['a folder, when the name was made below it', ['+\tF\t/u/a/b/.DS_Store', 'M\t/\t/u/a/b', 'M\t/\t/u/a']],
    ['a new folder', ['+\t/\t/u/a', '+\tF\t/u/a/.DS_Store', 'M\t/\t/u/']],
    ['a folder of that name', ['+\t/\t/u/.DS_Store', 'M\t/\t/u/']],
    ['a symbolic link of that name', ['+\t@\t/u/.DS_Store', 'M\t/\t/u/']],
    ['a second name of it', ['M\tF\t/u/.DS_Store\t(+1)', 'M\t/\t/u/']],
    ['a second name of it less', ['M\tF\t/u/.DS_Store\t(-1)', 'M\t/\t/u/']],
    ['a file renamed to that name', ['R\tF\t/u/thesis\t/u/.DS_Store', 'M\t/\t/u/']],
    ['it, renamed to another name', ['R\tF\t/u/.DS_Store\t/u/thesis', 'M\t/\t/u/']],
    ['a file moved into a tree', ['R\tF\t/u/thesis\t/u/.fseventsd/thesis', 'M\t/\t/u/']],
    ['a file moved out of a tree', ['R\tF\t/u/.fseventsd/x\t/u/x', 'M\t/\t/u/']],
    ['one tree renamed to the other', ['R\t/\t/u/.fseventsd\t/u/.Spotlight-V100', 'M\t/\t/u/']],
    ['a file where the tree should be', ['+\tF\t/u/.fseventsd', 'M\t/\t/u/']],
    ['a link where the tree should be', ['+\t@\t/u/.Spotlight-V100', 'M\t/\t/u/']],
    ['a name that is no UTF-8', ['+\tF\t/u/\\0377', 'M\t/\t/u/']],
    ['a path elsewhere', ['M\tF\t/other/.DS_Store']],
    ['a path beside the mountpoint', ['M\tF\t/u2/.DS_Store']],
    ['a file that is removed but open', ['M\tF\t/u(on_delete_queue)']],
    [
      'more files than anybody wants to wait for',
      Array.from({ length: 1001 }, (_, i) => `M\tF\t/u/${i}/.DS_Store`),
    ],
    ['more folders', Array.from({ length: 101 }, (_, i) => `M\t/\t/u/${i}`)],
  ])('%s', async (_what, lines) => {
    expect(await collect(lines)).toBeNull();
  });

  test('and nothing behind the first is read', async () => {
    let read = 0;
    async function* counted(): ReturnType<typeof diffOf> {
      for await (const entry of diffOf(['M\tF\t/u/thesis', 'M\tF\t/u/.DS_Store'])) {
        read += 1;
        yield entry;
      }
    }
    expect(await collectTrivial(counted(), '/u')).toBeNull();
    expect(read).toBe(1);
  });
});
