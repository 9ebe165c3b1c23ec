import { describe, expect, test } from 'vitest';
import { powerCut, readFrom, treeOf } from '../../../src/simulator/files/files.ts';
import { createSimulatedHost, type SimulatedHost } from '../../../src/simulator/host.ts';
import { sameTree } from '../../../src/simulator/tree.ts';
import { argvOf, createBench, pipe, type Bench } from '../../support/simulator/machine.ts';

interface TwoSides {
  readonly mac: Bench;
  readonly server: Bench;
  readonly send: (send: string, receive: string, bytes?: number) => ReturnType<typeof pipe>;
}

const big = 'x'.repeat(300_000);

/** Alice's home on a Mac with @a, which the server has, and @b with a large file; nothing mounted. */
async function twoSides(serverUser = 'root'): Promise<TwoSides> {
  let guid = 5000n;
  const [mac, server] = [createBench(), createBench({ random: () => (guid += 1n) })];
  const account: SimulatedHost = createSimulatedHost({
    name: 'server',
    machine: server.machine,
    user: serverUser,
  });
  const send: TwoSides['send'] = (from, to, bytes) => pipe(mac.host, from, account, to, bytes);
  await mac.ok('create -o mountpoint=/Users/alice data/alice');
  mac.write('data/alice', 'file', 'one');
  await mac.ok('snapshot data/alice@a');
  await server.ok('allow -u mobile receive:append,create,mount,userprop data');
  const first = await send('send data/alice@a', 'receive -u -s data/alice');
  expect(first).toMatchObject({ sent: { exitCode: 0 }, received: { exitCode: 0, stderr: '' } });
  mac.write('data/alice', 'big', big);
  await mac.ok('snapshot data/alice@b');
  return { mac, server, send };
}

const incremental = 'send -L -e -c -i data/alice@a data/alice@b';
const intoAlice = 'receive -u -s data/alice';

describe('a transfer', () => {
  test('brings the same tree, guid and written, and mounts nothing', async () => {
    const { mac, server, send } = await twoSides('mobile');
    expect((await send(incremental, intoAlice)).received.exitCode).toBe(0);
    expect(sameTree(treeOf(server.machine, 'data/alice@b'), treeOf(mac.machine, 'data/alice@b'))).toBe(true);
    const columns = 'list -Hp -t snapshot -o name,guid,written data/alice';
    expect(await server.ok(columns)).toBe(await mac.ok(columns));
    expect(await server.ok('get -Hpo value mounted data/alice')).toBe('no\n');
  });

  test('-I and a bookmark: every snapshot in between arrives', async () => {
    const { mac, server, send } = await twoSides();
    await mac.ok('bookmark data/alice@a data/alice#a');
    await mac.ok('destroy data/alice@a');
    mac.write('data/alice', 'file', 'three');
    await mac.ok('snapshot data/alice@c');
    mac.write('data/alice', 'file', 'four');
    await mac.ok('snapshot data/alice@d');
    expect((await send('send -i data/alice#a data/alice@b', intoAlice)).received.exitCode).toBe(0);
    expect((await send('send -I @b data/alice@d', intoAlice)).received.exitCode).toBe(0);
    expect(await server.ok('list -H -t snapshot -o name data/alice')).toBe(
      'data/alice@a\ndata/alice@b\ndata/alice@c\ndata/alice@d\n',
    );
    expect(readFrom(treeOf(server.machine, 'data/alice'), 'file')).toBe('four');
  });

  test('goes on over snapshots without changes, and keeps them; with changes it is refused', async () => {
    const { server, send } = await twoSides();
    await server.ok('snapshot data/alice@admin');
    expect((await send(incremental, intoAlice)).received.exitCode).toBe(0);
    expect(await server.ok('list -H -t snapshot -o name data/alice')).toContain('@admin\n');
    await server.ok('set mountpoint=/srv data/alice');
    server.write('data/alice', 'file', 'theirs');
    await server.ok('snapshot data/alice@theirs');
    expect((await send('send -i @a data/alice@b', 'receive -u -s data/alice@again')).received.stderr).toBe(
      'cannot receive incremental stream: destination data/alice has been modified\nsince most recent snapshot\n',
    );
  });

  test('onto the origin: a conflict branch', async () => {
    const { server, send } = await twoSides('mobile');
    await server.ok('create data/conflicts');
    const target = 'receive -u -s -o origin=data/alice@a data/conflicts/alice-mac';
    expect((await send(incremental, target)).received).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await server.ok('get -Hpo value origin data/conflicts/alice-mac')).toBe('data/alice@a\n');
    expect(readFrom(treeOf(server.machine, 'data/conflicts/alice-mac@b'), 'big')).toBe(big);
    expect(await server.ok('list -H -t snapshot -o name data/alice')).toBe('data/alice@a\n');
  });
});

describe('a transfer that is cut', () => {
  async function token(bench: Bench): Promise<string> {
    return (await bench.ok('get -Hpo value receive_resume_token data/alice')).trim();
  }

  test('waits to be resumed; anything else is refused meanwhile', async () => {
    const { mac, server, send } = await twoSides('mobile');
    const cut = await send(incremental, intoAlice, 100_000);
    expect(cut.sent).toMatchObject({ exitCode: null, signal: 'SIGPIPE' });
    expect(cut.received.stderr).toContain(
      'checksum mismatch or incomplete stream.\nPartially received snapshot is saved.',
    );
    expect((await send(incremental, intoAlice)).received.stderr).toBe(
      'cannot receive incremental stream: destination data/alice contains partially-complete state from "zfs receive -s".\n',
    );
    const resumed = await send(`send -P -v -t ${await token(server)}`, intoAlice);
    expect(resumed).toMatchObject({ sent: { exitCode: 0 }, received: { exitCode: 0, stderr: '' } });
    expect(sameTree(treeOf(server.machine, 'data/alice@b'), treeOf(mac.machine, 'data/alice@b'))).toBe(true);
    expect(await token(server)).toBe('-');
  });

  test('a first one has its properties from the beginning, and keeps them', async () => {
    const { server, send } = await twoSides();
    await send('send data/alice@b', 'receive -u -s -o canmount=noauto data/new', 100_000);
    expect(await server.ok('get -Hpo value canmount data/new')).toBe('noauto\n');
    const left = (await server.ok('get -Hpo value receive_resume_token data/new')).trim();
    expect((await send(`send -t ${left}`, 'receive -u -s data/new')).received.exitCode).toBe(0);
    expect(await server.ok('get -Hpo value canmount data/new')).toBe('noauto\n');
  });

  test('a token that is behind is refused with the text of EINVAL', async () => {
    const { server, send } = await twoSides();
    await send(incremental, intoAlice, 100_000);
    const old = await token(server);
    await send(`send -t ${old}`, intoAlice, 50_000);
    expect((await send(`send -t ${old}`, intoAlice)).received.stderr).toBe(
      'cannot receive resume stream: incompatible embedded data stream feature with encrypted receive.\n',
    );
  });

  test('is given up with -A, which needs destroy', async () => {
    const { server, send } = await twoSides();
    await send(incremental, intoAlice, 100_000);
    expect((await server.zfs('receive -A data/alice', 'mobile')).stderr).toBe(
      "cannot destroy 'data/alice/%recv': permission denied\n",
    );
    await server.ok('receive -A data/alice');
    expect(await token(server)).toBe('-');
  });

  test('without -s it leaves nothing; killed or without power it leaves what came', async () => {
    const { mac, server, send } = await twoSides();
    await send('send data/alice@a', 'receive -u data/new', 200);
    expect(server.machine.datasets.has('data/new')).toBe(false);
    const receiver = await server.host.stream(argvOf(intoAlice));
    const sender = await mac.host.stream(argvOf(incremental));
    let chunks = 0;
    for await (const chunk of sender.stdout) {
      receiver.stdin.write(chunk);
      if (++chunks === 3) break;
    }
    await new Promise(setImmediate);
    expect((await server.zfs('receive -A data/alice')).stderr).toBe(
      "cannot destroy 'data/alice/%recv': dataset is busy\n",
    );
    powerCut(server.machine);
    expect(await receiver.done).toMatchObject({ exitCode: null, signal: 'SIGTERM' });
    expect(await token(server)).not.toBe('-');
    const resumed = await send(`send -t ${await token(server)}`, intoAlice);
    expect(resumed.received.exitCode).toBe(0);
  });

  test('a quota that is reached keeps what came', async () => {
    const { server, send } = await twoSides();
    await server.ok('set quota=250K data/alice');
    expect((await send(incremental, intoAlice)).received.stderr).toBe(
      'cannot receive incremental stream: destination data/alice space quota exceeded.\n',
    );
    await server.ok('set quota=none data/alice');
    expect((await send(`send -t ${await token(server)}`, intoAlice)).received.exitCode).toBe(0);
  });
});

describe('a receive refuses', () => {
  test.each([
    [
      'what exists',
      'send data/alice@a',
      intoAlice,
      "cannot receive new filesystem stream: destination 'data/alice' exists\nmust specify -F to overwrite it\n",
    ],
    [
      'no place',
      'send data/alice@a',
      'receive -u -s data/nope/alice',
      "cannot open 'data/nope': dataset does not exist\ncannot receive new filesystem stream: unable to restore to destination\n",
    ],
    [
      'no dataset for an incremental',
      incremental,
      'receive -u -s data/other',
      "cannot receive incremental stream: destination 'data/other' does not exist\n",
    ],
    [
      'an origin that is not there',
      incremental,
      'receive -u -s -o origin=data/alice@zz data/other',
      'cannot receive: specified origin fs (data/alice@zz) does not exist\n',
    ],
    [
      '-F, by receive:append alone',
      incremental,
      'receive -F -u data/alice',
      'cannot receive incremental stream: permission denied\n',
    ],
  ])('%s', async (_what, from, to, stderr) => {
    const { send } = await twoSides('mobile');
    expect((await send(from, to)).received).toMatchObject({ stderr, exitCode: 1 });
  });

  test('another line of history, unless its snapshot is here', async () => {
    const { mac, send } = await twoSides();
    expect((await send(incremental, intoAlice)).received.exitCode).toBe(0);
    expect((await send(incremental, intoAlice)).received.exitCode).toBe(0);
    await mac.ok('snapshot data/alice@c');
    await mac.ok('snapshot data/alice@d');
    expect((await send('send -i @c data/alice@d', intoAlice)).received.stderr).toBe(
      'cannot receive incremental stream: most recent snapshot of data/alice does not\nmatch incremental source\n',
    );
  });

  test('what is no stream, and no stream at all', async () => {
    const { server } = await twoSides();
    const receiver = await server.host.stream(argvOf('receive -u -s data/x'));
    receiver.stdin.end('garbage\n');
    receiver.stdout.resume();
    expect(await receiver.done).toMatchObject({
      exitCode: 1,
      stderr: 'cannot receive: invalid stream (bad magic number)\n',
    });
    expect((await server.zfs('receive -u -s data/x')).stderr).toBe(
      'cannot receive: failed to read from stream\n',
    );
  });

  test('a resumable stream on a pool that is too old', async () => {
    const mac = createBench({ missingFeatures: ['extensible_dataset'] });
    await mac.ok('create data/a');
    await mac.ok('snapshot data/a@x');
    const { received } = await pipe(mac.host, 'send data/a@x', mac.host, 'receive -u -s data/b');
    expect(received.stderr).toBe(
      'cannot receive new filesystem stream: pool must be upgraded to receive this stream.\n',
    );
  });

  test('a property without the right, with a word and exit 0', async () => {
    const { send } = await twoSides('mobile');
    expect(
      (await send('send data/alice@a', 'receive -u -s -o canmount=noauto data/other')).received,
    ).toMatchObject({
      stderr: 'cannot receive canmount property on data/other: permission denied\n',
      exitCode: 0,
    });
  });
});
