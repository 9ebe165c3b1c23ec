import { expect, test } from 'vitest';
import { RoamhomeError } from '../../../../src/errors/errors.ts';
import type { Host } from '../../../../src/host/host.ts';
import { collectStatus, type StatusRequest } from '../../../../src/homes/status/collect.ts';
import { parseDatasetName } from '../../../../src/zfs/names.ts';
import { createSyncZfs } from '../../../../src/zfs/sync-zfs.ts';
import { restricted } from '../../../support/restrictions/restricted.ts';
import { createBench, pipe } from '../../../support/simulator/machine.ts';

const root = parseDatasetName('data/profiles');

/** A Mac with alice and bob, of whom the server has alice, and carol. */
async function situation() {
  const [mac, server] = [createBench(), createBench()];
  for (const bench of [mac, server])
    await bench.ok('create -o canmount=off -o mountpoint=none data/profiles');
  for (const user of ['alice', 'bob']) {
    await mac.ok(`create -o mountpoint=/Users/${user} data/profiles/${user}`);
    mac.write(`data/profiles/${user}`, 'letter', user);
    await mac.ok(`snapshot data/profiles/${user}@one`);
  }
  await mac.ok('create -o roamhome:sync=off data/profiles/alice/Caches');
  await server.ok('create -o mountpoint=none data/profiles/carol');
  await pipe(
    mac.host,
    'send -L -e -c data/profiles/alice@one',
    server.host,
    'receive -u -s data/profiles/alice',
  );
  const asked: string[] = [];
  const zfsOf = (host: Host, place: string) =>
    createSyncZfs(host, {
      command: (_host, argv) => void asked.push(`${place}: ${argv.at(-1) ?? ''}`),
      warning: () => undefined,
    });
  const request: StatusRequest = {
    local: { zfs: zfsOf(mac.host, 'mac'), root },
    server: { zfs: zfsOf(restricted(server.host, 'mac7'), 'server'), root },
    conflictsRoot: null,
    user: null,
    pending: [{ user: 'bob', lacks: null, since: '2026-11-20T06:45:00.000Z' }],
    signal: new AbortController().signal,
  };
  return {
    mac,
    request,
    asked,
    ungated: zfsOf(server.host, 'server'),
    serverZfs: zfsOf(restricted(server.host, 'mac7'), 'server'),
  };
}

// Something is off there: who has said so.
const ownMark = 'mac: data/profiles';

test('all homes of a Mac; the server is asked for these alone', async () => {
  const { request, asked } = await situation();
  const { homes, serverProblem } = await collectStatus(request);
  expect(serverProblem).toBeNull();
  expect(homes).toMatchObject([
    { user: 'alice', state: 'in-sync', lastSync: { name: 'one' }, local: { mounted: true, snapshots: 1 } },
    { user: 'bob', state: 'pending', pendingSince: Date.UTC(2026, 10, 20, 6, 45), unsent: 1, server: null },
  ]);
  // bob is not there: zfs says nothing then of alice that can be trusted to be all.
  expect(asked).toEqual([
    'mac: data/profiles',
    ownMark,
    'server: data/profiles/bob',
    'server: data/profiles',
  ]);
});

test('one zfs list a side, and where something is off here, who said so', async () => {
  const { request, asked } = await situation();
  const { homes } = await collectStatus({ ...request, user: 'alice' });
  expect(homes.map(({ user, state }) => [user, state])).toEqual([['alice', 'in-sync']]);
  expect(asked).toEqual(['mac: data/profiles/alice', ownMark, 'server: data/profiles/alice']);
});

test('a home that only the server has is told to whoever asks for it on a Mac', async () => {
  const { request } = await situation();
  const { homes } = await collectStatus({ ...request, user: 'carol' });
  expect(homes).toMatchObject([{ user: 'carol', state: 'only-server', local: null }]);
});

test('on the server there is no other side', async () => {
  const { request, serverZfs, asked } = await situation();
  const { homes } = await collectStatus({
    ...request,
    local: null,
    server: { zfs: serverZfs, root },
    pending: [],
  });
  expect(homes.map(({ user, state }) => [user, state])).toEqual([
    ['alice', 'only-server'],
    ['carol', 'only-server'],
  ]);
  expect(asked).toEqual(['server: data/profiles']);
});

test('with the server away this side is told all the same', async () => {
  const { request } = await situation();
  const away = new RoamhomeError({ code: 'server-unreachable', message: 'away', remedy: 'wait' });
  const host = { name: 'server', run: () => Promise.reject(away) } as unknown as Host;
  const zfs = createSyncZfs(host, { command: () => undefined, warning: () => undefined });
  const { homes, serverProblem } = await collectStatus({ ...request, server: { zfs, root } });
  expect(serverProblem).toBe(away);
  expect(homes.map(({ user, state }) => [user, state])).toEqual([
    ['alice', 'unknown'],
    ['bob', 'unknown'],
  ]);
});

test('a server without the place for homes is said to be that, and not to lack the home', async () => {
  const { request, ungated } = await situation();
  // The gate refuses it: this is a server behind a restricted shell, with settings for another.
  const elsewhere = { zfs: ungated, root: parseDatasetName('data/nope') };
  const { homes, serverProblem } = await collectStatus({ ...request, user: 'alice', server: elsewhere });
  expect(serverProblem).toMatchObject({
    code: 'dataset-missing',
    message: expect.stringContaining('has no dataset data/nope') as string,
  });
  expect(homes).toMatchObject([{ user: 'alice', state: 'unknown', unsent: 0 }]);
});

test('a home that is nowhere is said to be nowhere', async () => {
  const { request } = await situation();
  await expect(collectStatus({ ...request, user: 'dave' })).rejects.toMatchObject({
    code: 'home-missing',
    message: 'dave has no home on this machine or on the server',
  });
  await expect(collectStatus({ ...request, user: 'dave', server: null })).rejects.toMatchObject({
    message: 'dave has no home on this machine',
  });
});
