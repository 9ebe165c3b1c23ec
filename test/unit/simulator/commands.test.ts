import { describe, expect, test } from 'vitest';
import { collectOutput } from '../../../src/host/collect-output.ts';
import type { Argv } from '../../../src/host/host.ts';
import { mountedFiles, powerCut, readFrom, setInUse, treeOf } from '../../../src/simulator/files/files.ts';
import { createSimulatedHost } from '../../../src/simulator/host.ts';
import { thinningProgram } from '../../../src/zfs/thinning-program.ts';
import { createBench } from '../../support/simulator/machine.ts';

/** Steps that must succeed, then one with what it prints and its exit code. */
const refusals: readonly (readonly [
  what: string,
  steps: readonly string[],
  last: string,
  stderr: string,
  exit?: number,
])[] = [
  [
    'a dataset that is there',
    ['create data/a'],
    'create data/a',
    "cannot create 'data/a': dataset already exists\n",
  ],
  ['no parent', [], 'create data/a/b', "cannot create 'data/a/b': parent does not exist\n"],
  [
    'a property that is none',
    ['create data/a'],
    'set nope=1 data/a',
    "cannot set property for 'data/a': invalid property 'nope'\n",
    255,
  ],
  [
    'a value that is none',
    [],
    'create -o canmount=maybe data/a',
    "cannot create 'data/a': 'canmount' must be one of 'on | off | noauto'\n",
  ],
  [
    'children',
    ['create data/a', 'snapshot data/a@x', 'create data/a/b'],
    'destroy data/a',
    "cannot destroy 'data/a': filesystem has children\nuse '-r' to destroy the following datasets:\ndata/a/b\ndata/a@x\n",
  ],
  [
    'a clone',
    ['create data/a', 'snapshot data/a@x', 'clone data/a@x data/c'],
    'destroy data/a@x',
    "cannot destroy 'data/a@x': snapshot has dependent clones\nuse '-R' to destroy the following datasets:\ndata/c\n",
  ],
  [
    'a hold',
    ['create data/a', 'snapshot data/a@x', 'hold keep data/a@x'],
    'destroy data/a@x',
    "cannot destroy snapshot data/a@x: it's being held. Run 'zfs holds -r data/a@x' to see holders.\n",
  ],
  [
    'no such snapshot',
    ['create data/a'],
    'destroy data/a@x',
    'could not find any snapshots to destroy; check snapshot names.\n',
  ],
  [
    'a channel program of which the model knows nothing',
    [],
    'program -j data - data/a@x',
    'Channel program execution failed:\nthe simulator knows no program but that which thins\n',
  ],
  ['no such bookmark', ['create data/a'], 'destroy data/a#x', "bookmark 'data/a#x' does not exist.\n"],
  [
    'a newer snapshot',
    ['create data/a', 'snapshot data/a@x', 'snapshot data/a@y'],
    'rollback data/a@x',
    "cannot rollback to 'data/a@x': more recent snapshots or bookmarks exist\nuse '-r' to force deletion of the following snapshots and bookmarks:\ndata/a@y\n",
  ],
  [
    'a name that is taken',
    ['create data/a', 'create data/b'],
    'rename data/a data/b',
    "cannot rename 'data/a': dataset already exists\n",
  ],
  ['no clone', ['create data/a'], 'promote data/a', "cannot promote 'data/a': not a cloned filesystem\n"],
  [
    'no tag',
    ['create data/a', 'snapshot data/a@x'],
    'release keep data/a@x',
    "cannot release hold from snapshot 'data/a@x': no such tag on this dataset\n",
  ],
  [
    'a dataset that is not mounted',
    ['create -o canmount=noauto data/a'],
    'unmount data/a',
    "cannot unmount 'data/a': not currently mounted\n",
  ],
  ['no mountpoint', ['create data/a'], 'mount data/a', "cannot mount 'data/a': no mountpoint set\n"],
  [
    'an unmounted dataset',
    ['create data/a', 'snapshot data/a@x'],
    'diff -H data/a@x data/a',
    'Cannot diff an unmounted snapshot: operation not applicable to datasets of this type\n',
  ],
  ['nothing of that name', [], 'list data/nope', "cannot open 'data/nope': dataset does not exist\n"],
  [
    'a snapshot that is gone',
    ['create data/a'],
    'send data/a@gone',
    "cannot open 'data/a@gone': dataset does not exist\n",
  ],
  [
    'a word that is no command',
    [],
    'frobnicate',
    "unrecognized command 'frobnicate'\nusage: zfs command args ...\nwhere 'command' is one of the following:\n",
    2,
  ],
];

describe('zfs refuses', () => {
  test.each(refusals.map(([what, steps, last, stderr, exit = 1]) => ({ what, steps, last, stderr, exit })))(
    '$what',
    async ({ steps, last, stderr, exit }) => {
      const { ok, zfs } = createBench();
      for (const step of steps) await ok(step);
      expect(await zfs(last)).toMatchObject({ stdout: '', stderr, exitCode: exit });
    },
  );
});

describe('datasets', () => {
  test('a snapshot of several is one transaction; without changes it has written 0', async () => {
    const { ok, zfs, write } = createBench();
    await ok('create -o mountpoint=/u data/a');
    await ok('create data/a/b');
    write('data/a/b', 'file', 'x');
    await ok('snapshot data/a@x data/a/b@x');
    expect((await zfs('snapshot data/a@y data/a/b@x')).stderr).toBe(
      "cannot create snapshot 'data/a/b@x': dataset already exists\nno snapshots were created\n",
    );
    await ok('snapshot data/a@y');
    const lines = (await ok('list -Hp -t snapshot -o name,createtxg,written -r data/a')).trim().split('\n');
    const rows = lines.map((line) => line.split('\t'));
    expect(rows.map(([name]) => name)).toEqual(['data/a@x', 'data/a@y', 'data/a/b@x']);
    expect(rows[0]?.[1]).toBe(rows[2]?.[1]);
    expect(rows[1]?.[2]).toBe('0');
  });

  test('the first writable mount writes 8 KiB, a read-only one nothing, a later one nothing', async () => {
    const { ok } = createBench();
    const written = (): Promise<string> => ok('list -Hp -o written data/a');
    await ok('create -o canmount=noauto -o mountpoint=/u data/a');
    await ok('snapshot data/a@x');
    await ok('mount -o ro data/a');
    expect(await ok('get -Hpo value,source readonly data/a')).toBe('on\ttemporary\n');
    expect(await written()).toBe('0\n');
    await ok('mount -o remount,rw data/a');
    expect(await written()).toBe('8192\n');
    expect(await ok('diff -H data/a@x data/a')).toBe('');
    await ok('unmount data/a');
    await ok('rollback data/a@x');
    await ok('mount data/a');
    expect(await written()).toBe('0\n');
  });

  test('set aside: rename, clone, promote; what came before goes with the clone', async () => {
    const { ok, zfs, write, machine } = createBench();
    await ok('create -o mountpoint=/u data/a');
    write('data/a', 'file', 'common');
    await ok('snapshot data/a@common');
    write('data/a', 'file', 'mine');
    await ok('snapshot data/a@mine');
    await ok('rename data/a data/a-conflict');
    await ok('clone -o mountpoint=/u2 data/a-conflict@common data/a');
    await ok('promote data/a');
    expect(await ok('list -H -t snapshot -o name -r data')).toBe('data/a@common\ndata/a-conflict@mine\n');
    expect(await ok('get -Hpo value origin data/a-conflict data/a')).toBe('-\ndata/a@common\n');
    await ok('snapshot data/a@theirs');
    await ok('snapshot data/a-conflict@later');
    await ok('send -n -i data/a@common data/a-conflict@mine');
    expect((await zfs('send -n -i data/a@theirs data/a-conflict@later')).stderr).toBe(
      "warning: cannot send 'data/a-conflict@later': not an earlier snapshot from the same fs\n",
    );
    expect(readFrom(treeOf(machine, 'data/a'), 'file')).toBe('common');
    expect(readFrom(treeOf(machine, 'data/a-conflict@mine'), 'file')).toBe('mine');
  });

  test('lists and ranges of snapshots are destroyed; what they held counts to the next', async () => {
    const { ok, write } = createBench();
    await ok('create -o mountpoint=/u data/a');
    for (const name of ['s1', 's2', 's3', 's4', 's5']) {
      if (name !== 's5') write('data/a', name, 'x');
      await ok(`snapshot data/a@${name}`);
    }
    await ok('destroy data/a@s1,s3%s4');
    expect(await ok('list -H -t snapshot -o name data/a')).toBe('data/a@s2\ndata/a@s5\n');
    expect(await ok('list -Hp -t snapshot -o written data/a@s5')).not.toBe('0\n');
  });

  test('a diff names what changed, by kind', async () => {
    const { ok, write, machine } = createBench();
    await ok('create -o mountpoint=/u data/a');
    for (const path of ['dir/kept', 'gone', 'old', 'mode']) write('data/a', path, 'x');
    await ok('snapshot data/a@x');
    const files = mountedFiles(machine, 'data/a');
    files.remove('gone');
    files.rename('old', 'new');
    files.setMode('mode', 0o600);
    files.rename('dir', 'folder');
    files.symlink('link', 'new');
    expect((await ok('diff -H data/a@x')).split('\n')).toEqual([
      'R\t/u/dir\t/u/folder',
      '-\t/u/gone',
      'R\t/u/old\t/u/new',
      'M\t/u/mode',
      '+\t/u/link',
      'M\t/u/',
      '',
    ]);
  });

  test('a diff tells types, and escapes all but printable ASCII', async () => {
    const { ok, write, machine } = createBench();
    await ok('create -o mountpoint=/u data/a');
    write('data/a', 'dir/old', 'x');
    await ok('snapshot data/a@x');
    const files = mountedFiles(machine, 'data/a');
    files.write('dir/a b\\é', 'x');
    files.symlink('link', 'new');
    files.rename('dir/old', 'dir/new');
    const lines = [
      'M\t/\t/u/dir',
      'R\tF\t/u/dir/old\t/u/dir/new',
      '+\tF\t/u/dir/a\\0040b\\0134\\0303\\0251',
      '+\t@\t/u/link',
      'M\t/\t/u/',
      '',
    ];
    expect((await ok('diff -HF data/a@x data/a')).split('\n')).toEqual(lines);
    expect((await ok('diff -Hh data/a@x')).split('\n')[2]).toBe('+\t/u/dir/a b\\é');
    expect((await ok('diff data/a@x')).split('\n')[1]).toBe('R\t/u/dir/old -> /u/dir/new');
  });

  test('files beyond the number of the root directory are told apart from it', async () => {
    const { ok, write } = createBench();
    await ok('create -o mountpoint=/u data/a');
    await ok('snapshot data/a@x');
    for (let i = 10; i < 50; i++) write('data/a', `f${i}`, 'x');
    const lines = (await ok('diff -H data/a@x')).trimEnd().split('\n');
    expect(lines).toHaveLength(41);
    expect(lines[32]).toBe('M\t/u/');
  });

  test('properties are inherited, and user properties also by snapshots', async () => {
    const { ok } = createBench();
    await ok('create -o mountpoint=/u -o roamhome:sync=on data/a');
    await ok('create -o quota=8M data/a/b');
    await ok('snapshot data/a/b@x');
    expect(await ok('get -H mountpoint,quota,atime,roamhome:sync data/a/b')).toBe(
      'data/a/b\tmountpoint\t/u/b\tinherited from data/a\ndata/a/b\tquota\t8M\tlocal\n' +
        'data/a/b\tatime\ton\tdefault\ndata/a/b\troamhome:sync\ton\tinherited from data/a\n',
    );
    expect(await ok('get -Hpo value roamhome:sync data/a/b@x')).toBe('on\n');
    await ok('inherit roamhome:sync data/a');
    expect(await ok('get -Hpo value roamhome:sync data/a/b@x')).toBe('-\n');
  });

  test('a mountpoint is made in the files of what is mounted above', async () => {
    const { ok, zfs } = createBench();
    await ok('create -o mountpoint=/u data/a');
    await ok('snapshot data/a@x');
    await ok('create -u data/a/b');
    await ok('unmount data/a');
    await ok('mount -o ro data/a');
    expect((await zfs('mount data/a/b')).stderr).toBe(
      "cannot mount '/u/b': failed to create mountpoint: Read-only file system\n",
    );
    await ok('mount -o remount,rw data/a');
    await ok('mount data/a/b');
    expect(await ok('diff -H data/a@x')).toBe('+\t/u/b\nM\t/u/\n');
  });

  test('an unmount takes what is below along, unless a file is open there', async () => {
    const { ok, zfs, machine } = createBench();
    await ok('create -o mountpoint=/u data/a');
    await ok('create data/a/b');
    setInUse(machine, 'data/a/b', true);
    expect((await zfs('unmount data/a')).stderr).toBe("cannot unmount '/u/b': pool or dataset is busy\n");
    await ok('unmount -f data/a');
    expect(await ok('list -H -o mounted -r data/a')).toBe('no\nno\n');
  });

  test('what lies hidden below a later mount cannot be unmounted, also not by force', async () => {
    const { ok, zfs } = createBench();
    await ok('create -o canmount=noauto -o mountpoint=/u data/a');
    await ok('create data/a/b');
    await ok('mount data/a');
    expect((await zfs('unmount -f data/a')).stderr).toBe("cannot unmount '/u/b': unmount failed\n");
    expect(await ok('list -H -o mounted -r data/a')).toBe('yes\nyes\n');
  });

  test('a power cut leaves nothing mounted, and the files', async () => {
    const { ok, write, machine } = createBench();
    await ok('create -o mountpoint=/u data/a');
    write('data/a', 'file', 'kept');
    powerCut(machine);
    expect(await ok('list -H -o mounted data/a')).toBe('no\n');
    expect(readFrom(treeOf(machine, 'data/a'), 'file')).toBe('kept');
    expect(() => {
      write('data/a', 'file', 'more');
    }).toThrow('not mounted');
  });

  test('a full dataset takes no more', async () => {
    const { ok, write } = createBench();
    await ok('create -o mountpoint=/u -o quota=1M data/a');
    expect(() => {
      write('data/a', 'big', 'x'.repeat(2 ** 20));
    }).toThrow('EDQUOT');
  });
});

describe('delegation', () => {
  test.each([
    ['create data/s/x', "cannot create 'data/s/x': permission denied\n"],
    ['snapshot data/s@x', 'cannot create snapshots : permission denied\n'],
    ['set quota=none data/s', "cannot set property for 'data/s': permission denied\n"],
    ['destroy data/s@a', 'cannot destroy snapshots: permission denied\n'],
    ['rollback data/s@a', "cannot rollback 'data/s': permission denied\n"],
    ['send data/s@a', "warning: cannot send 'data/s@a': permission denied\n"],
  ])('without a right: %s', async (words, stderr) => {
    const { ok, zfs } = createBench();
    await ok('create data/s');
    await ok('snapshot data/s@a');
    expect((await zfs(words, 'mobile')).stderr).toBe(stderr);
    await ok('allow -u mobile create,mount,snapshot,quota,destroy,rollback,send data/s');
    expect((await zfs(words, 'mobile')).stderr).toBe('');
  });

  test('is shown and taken back', async () => {
    const { ok } = createBench();
    await ok('create data/s');
    await ok('allow -u mobile send,hold data/s');
    expect(await ok('allow data/s')).toContain('Local+Descendent permissions:\n\tuser mobile hold,send\n');
    await ok('unallow -u mobile data/s');
    expect(await ok('allow data/s')).toBe('');
  });
});

describe('channel programs', () => {
  test.each([
    ['root', '{"return":"0 2 0"}', '', 0],
    [
      'mobile',
      '',
      'Channel program execution failed:\nPermission denied. Channel programs must be run as root.\n',
      1,
    ],
  ])('of %s run once', async (user, stdout, stderr, exitCode) => {
    const { machine, ok } = createBench();
    await ok('create data/a');
    await ok('snapshot data/a@x');
    const argv: Argv = ['zfs', 'program', '-j', 'data', '-', 'data/a', '@x', '#x', '@x', '#y', '@x', '-'];
    const host = createSimulatedHost({ name: 'here', machine, user });
    const ran = await collectOutput(await host.stream(argv), argv, thinningProgram);
    expect(ran).toEqual({ stdout, stderr, exitCode, signal: null });
    expect(host.commandLog.map((command) => command.exitCode)).toEqual([exitCode]);
  });
});
