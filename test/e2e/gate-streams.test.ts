import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { cloneFlag, forgeStream } from '../support/forge-stream.ts';
import { ask, setPolicy, setUpGate } from './gated.ts';
import { installed, lab, put, reset, run, sh } from './lab.ts';
import { createHome, login, logout, snapshots } from './roam.ts';

// What a client can make of a stream by hand, with its own key, against the gate and OpenZFS.

const alice = 'data/profiles/alice';
const bob = 'data/profiles/bob';

beforeAll(async () => {
  await reset(installed);
  await setUpGate();
  await createHome('mac-a');
  await createHome('mac-a', 'bob', 2002);
  for (const user of ['alice', 'bob']) expect(await logout('mac-a', user)).toMatchObject({ code: 0 });
  await lab('save', 'gated');
});

beforeEach(async () => {
  await reset('gated');
});

/** A stream of mac-a, made by a script; throws where that fails. */
async function streamOf(script: string): Promise<Buffer> {
  return Buffer.from(await sh('mac-a', `{ ${script}\n} >/root/stream\nbase64 /root/stream`), 'base64');
}

const newest = async (dataset: string): Promise<readonly [name: string, guid: bigint]> => {
  const [name = '', guid = ''] = ((await snapshots('server', dataset)).at(-1) ?? '').split(' ');
  return [`${dataset}@${name}`, BigInt(guid)];
};

const everything = async (): Promise<string> =>
  run('server', 'zfs', 'list', '-Hpro', 'name,type,guid,receive_resume_token', '-t', 'all', 'data');

describe('nothing is left on the server, and the line says why:', () => {
  async function refused(words: string, stream: Buffer, why: string): Promise<void> {
    const before = await everything();
    const { code, stderr } = await ask('mac-a', `zfs receive -u -s ${words}`, stream);
    expect(await everything()).toBe(before);
    expect({ code, stderr }).toEqual({ code: 126, stderr: expect.stringContaining(why) as string });
  }

  test('another user’s home, read by a clone of its snapshot’s guid', async () => {
    await setPolicy('mac-a', { users: ['alice'] });
    const [, guid] = await newest(bob);
    const clone = await streamOf(
      'zfs create data/a; zfs snapshot data/a@1; zfs clone data/a@1 data/b; zfs snapshot data/b@leak; zfs send -i data/a@1 data/b@leak',
    );
    await refused(
      `${alice}/leak`,
      forgeStream(clone, { single: { flags: cloneFlag, fromGuid: guid } }),
      'no origin of it',
    );
  });

  test('a home beside that of the key’s, by a package whose own name is shorter than that in it', async () => {
    await setPolicy('mac-a', { users: ['al'] });
    const beside = await streamOf(
      'zfs create data/xicequake; zfs snapshot data/xicequake@s; zfs send -p data/xicequake@s',
    );
    await refused(
      'data/profiles/al',
      forgeStream(beside, { package: { toName: 'data/x@s' } }),
      'carries properties',
    );
  });

  test('the same by a package without properties', async () => {
    await setPolicy('mac-a', { users: ['al'] });
    const beside = await streamOf(
      'zfs create data/xicequake; zfs snapshot data/xicequake@0; zfs snapshot data/xicequake@1; zfs snapshot data/xicequake@s; zfs send -I @0 data/xicequake@s',
    );
    const full = await streamOf('zfs send data/xicequake@0');
    // The package's head and end, a full stream in it, and what closes it.
    const [head, close] = [beside.subarray(0, 624), beside.subarray(-312)];
    const stream = forgeStream(Buffer.concat([head, full, close]), { package: { toName: 'data/x@s' } });
    const { code } = await ask('mac-a', 'zfs receive -u -s data/profiles/al', stream);
    // It comes to where the command says, and nowhere else.
    expect([code, await run('server', 'zfs', 'list', '-Hro', 'name', 'data/profiles')]).toEqual([
      0,
      ['data/profiles', 'data/profiles/al', alice, bob, ''].join('\n'),
    ]);
  });

  test('properties and holds, on a dataset that the key may make', async () => {
    await setPolicy('mac-a', { users: ['alice'] });
    const forged = await streamOf(
      `zfs create data/p; zfs set roamhome:sync=off "roamhome:conflict=$(printf 'x\\n${bob}@forged\\tsnapshot\\t1')" data/p
       zfs snapshot data/p@1; zfs hold kept data/p@1; zfs send -ph data/p@1`,
    );
    await refused(`${alice}/p`, forged, 'carries properties');
  });

  test('a volume', async () => {
    const volume = await streamOf('zfs create -s -V 1M data/v; zfs snapshot data/v@1; zfs send data/v@1');
    await refused(`${alice}/v`, volume, 'a volume');
  });

  /** What the home could get next, as it comes from this Mac. */
  const next = async (): Promise<Buffer> => {
    const [from] = await newest(alice);
    return streamOf(
      `zfs mount ${alice} || true; echo tampered >/Users/alice/greeting; zfs snapshot ${alice}@next; zfs send -i ${from} ${alice}@next`,
    );
  };

  test('a second snapshot under the guid of one that is there', async () => {
    const [, guid] = await newest(alice);
    await refused(alice, forgeStream(await next(), { single: { toGuid: guid } }), 'is there already');
  });

  test('a snapshot of the end of time', async () => {
    await refused(
      alice,
      forgeStream(await next(), { single: { creation: 2n ** 64n - 1n } }),
      'later than now',
    );
  });

  test('a snapshot that no command can say', async () => {
    await refused(
      alice,
      forgeStream(await next(), { single: { toName: `${alice}@before upgrade` } }),
      'no plain word',
    );
  });

  test('an encrypted dataset without its key in a home that is not encrypted', async () => {
    const raw = await streamOf(
      `head -c 32 /dev/zero >/root/k; zfs create -o encryption=on -o keyformat=raw -o keylocation=file:///root/k data/e
       zfs snapshot data/e@1; zfs send -w data/e@1`,
    );
    await refused(`${alice}/e`, raw, 'is raw');
  });

  test('and what was not forged comes through, so that it is not the stream as such', async () => {
    expect(await ask('mac-a', `zfs receive -u -s ${alice}`, await next())).toMatchObject({
      code: 0,
      stderr: '',
    });
  });
});

describe('what Roamhome sends comes through:', () => {
  const settled = { code: 0, report: { problems: [], warnings: [] } };

  test('several snapshots at once', async () => {
    for (const one of ['x', 'y', 'z'])
      await sh(
        'mac-a',
        `zfs mount ${alice} || true; echo ${one} >/Users/alice/${one}; zfs snapshot ${alice}@${one}`,
      );
    expect(await logout('mac-a')).toMatchObject(settled);
    expect(await snapshots('server')).toEqual(await snapshots('mac-a'));
    expect((await login('mac-b')).report).toMatchObject({ mounted: true, problems: [] });
    expect(await run('mac-b', 'sh', '-c', 'cat /Users/alice/[xyz]')).toBe('x\ny\nz\n');
  });

  test('the rest of a push that was cut', async () => {
    const [from] = await newest(alice);
    await sh(
      'mac-a',
      `zfs mount ${alice} || true; head -c 8000000 /dev/urandom >/Users/alice/big; zfs snapshot ${alice}@big`,
    );
    const begun = await streamOf(`zfs send -L -e -c -i ${from} ${alice}@big | head -c 6000000`);
    expect((await ask('mac-a', `zfs receive -u -s ${alice}`, begun)).code).toBe(1);
    expect(await run('server', 'zfs', 'get', '-Ho', 'value', 'receive_resume_token', alice)).toMatch(/^1-/);
    const { code, report } = await logout('mac-a');
    expect({ code, problems: report.problems }).toEqual({ code: 0, problems: [] });
    expect(report.sync?.pushedBytes).toBeLessThan(4_000_000);
    expect(await snapshots('server')).toEqual(await snapshots('mac-a'));
  });

  test('a home as it is encrypted, with what comes after', async () => {
    await put('mac-a', '/root/key', Buffer.alloc(32, 'roamhome'), '600');
    await sh(
      'mac-a',
      `zfs create -o encryption=on -o keyformat=raw -o keylocation=file:///root/key -o canmount=noauto -o mountpoint=/Users/carol data/profiles/carol
       zfs mount data/profiles/carol; echo hello >/Users/carol/greeting; chown -R 2003:2100 /Users/carol; usermod -aG zfs_mobile_sync carol`,
    );
    const raw = ['--set', 'policies.sendFlags=raw'];
    expect(await logout('mac-a', 'carol', ...raw)).toMatchObject(settled);
    await sh('mac-a', 'zfs mount data/profiles/carol; echo more >>/Users/carol/greeting');
    expect(await logout('mac-a', 'carol', ...raw)).toMatchObject(settled);
    expect(await snapshots('server', 'data/profiles/carol')).toEqual(
      await snapshots('mac-a', 'data/profiles/carol'),
    );
  });
});
