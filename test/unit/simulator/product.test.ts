import { expect, test } from 'vitest';
import { createSimulatedHost } from '../../../src/simulator/host.ts';
import { decodeTokenArgv, parseTokenContents } from '../../../src/zfs/commands/token.ts';
import { parseDatasetName, type ResumeToken } from '../../../src/zfs/names.ts';
import { parseSendLine } from '../../../src/zfs/send-progress.ts';
import { zfsError } from '../../../src/zfs/stderr.ts';
import { createSyncZfs } from '../../../src/zfs/sync-zfs.ts';
import { entriesOf } from '../../support/sync/diffs.ts';
import { argvOf, createBench, pipe } from '../../support/simulator/machine.ts';

const observer = { command: () => undefined, warning: () => undefined };

test('the sync client reads its lists, diffs and tokens', async () => {
  const bench = createBench();
  const zfs = createSyncZfs(bench.host, observer);
  const alice = parseDatasetName('data/alice');
  expect(await zfs.listTree(alice, ['roamhome:sync'])).toBeNull();
  await bench.ok('create -o mountpoint=/u -o roamhome:sync=on data/alice');
  bench.write('data/alice', 'big', 'x'.repeat(100_000));
  await bench.ok('snapshot data/alice@a');
  await bench.ok('bookmark data/alice@a data/alice#a');
  await pipe(bench.host, 'send data/alice@a', bench.host, 'receive -u -s data/copy', 50_000);
  const [dataset] = (await zfs.listTree(alice, ['roamhome:sync'])) ?? [];
  expect(dataset).toMatchObject({
    mounted: true,
    properties: { 'roamhome:sync': 'on' },
    snapshots: [{ kind: 'snapshot', name: 'data/alice@a' }],
    bookmarks: [{ kind: 'bookmark', name: 'data/alice#a' }],
  });
  const head = dataset!.snapshots[0]!;
  expect(await entriesOf(zfs.diff(alice, head.name))).toEqual([]);
  bench.write('data/alice', 'mörе \\', 'x');
  expect(await entriesOf(zfs.diff(alice, head.name))).toEqual([
    { change: 'added', type: 'file', path: '/u/mörе \\' },
    { change: 'modified', type: 'directory', path: '/u/' },
  ]);
  const [copy] = (await zfs.listTree(parseDatasetName('data/copy'), [])) ?? [];
  const contents = await zfs.decodeToken(copy!.resumeToken!);
  expect(contents).toMatchObject({ toGuid: head.guid, fromGuid: null });
  expect(Number(contents?.bytes)).toBeGreaterThan(40_000);
  expect(await zfs.exists(parseDatasetName('data/none'))).toBe(false);
});

test('a token is read where its snapshot is not; one that is corrupt is refused', async () => {
  const [here, there] = [createBench(), createBench()];
  await here.ok('create -o mountpoint=/u data/a');
  here.write('data/a', 'big', 'x'.repeat(100_000));
  await here.ok('snapshot data/a@x');
  await pipe(here.host, 'send data/a@x', here.host, 'receive -s data/b', 50_000);
  const token = (await here.ok('get -Hpo value receive_resume_token data/b')).trim() as ResumeToken;
  const read = await there.host.run(decodeTokenArgv(token));
  expect(parseTokenContents(read.stdout)?.fromGuid).toBeNull();
  expect(read.exitCode).not.toBe(0);
  const argv = argvOf(`send -t ${token}0`);
  const refused = await there.host.run(argv);
  expect(zfsError('here', argv, refused).code).toBe('token-unusable');
});

test("a send's progress is understood line by line", async () => {
  const bench = createBench();
  await bench.ok('create data/a');
  await bench.ok('snapshot data/a@x');
  await bench.ok('snapshot data/a@y');
  const { sent } = await pipe(bench.host, 'send -P -v -i @x data/a@y', bench.host, 'receive data/b');
  expect(sent.stderr.split('\n').map((line) => parseSendLine(line).kind)).toEqual([
    'part',
    'estimate',
    'detail',
  ]);
});

test.each([
  ['receive -s data/nope/a', 'stream-incomplete'],
  ['list data/nope', 'dataset-missing'],
  ['list --colour data', 'unknown-option'],
  ['create data/a', 'dataset-exists'],
  ['create data/b%', 'name-invalid'],
  ['unmount data/a', 'not-mounted'],
])('zfs %s is %s to the product', async (words, code) => {
  const bench = createBench();
  await bench.ok('create data/a');
  expect(zfsError('here', argvOf(words), await bench.zfs(words)).code).toBe(code);
});

test('other programs are missing, a cancelled or closed host runs nothing', async () => {
  const { host, machine } = createBench();
  await expect(host.run(['lsof'])).rejects.toMatchObject({ code: 'command-failed' });
  await expect(host.run(['zfs', 'list'], { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'cancelled',
  });
  const controller = new AbortController();
  const receiver = await host.stream(argvOf('receive -s data/x'), { signal: controller.signal });
  controller.abort();
  await expect(receiver.done).rejects.toMatchObject({ code: 'cancelled' });
  await host.close();
  await expect(host.stream(['zfs', 'list'])).rejects.toMatchObject({ code: 'cancelled' });
  expect(host.commandLog.map(({ argv }) => argv[1])).toEqual(['receive']);
  expect(createSimulatedHost({ name: 'x', machine }).commandLog).toEqual([]);
});
