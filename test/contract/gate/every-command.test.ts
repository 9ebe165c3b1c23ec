import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRoamingMac, type RoamingMac } from '../../support/roaming-mac.ts';

const home = 'data/profiles/alice';
const conflict = 'data/profiles-conflicts/alice-mac7-20261120T064500Z';
const [name = ''] = conflict.split('/').slice(-1);

// The server of this Mac runs nothing that lshell or the gate would refuse, and each refusal fails the test
// (test/support/restrictions/setup.ts), also where the command goes on without an answer.
describe.runIf(process.getuid?.() === 0)('each command that asks the server passes its gate', () => {
  let mac: RoamingMac;

  beforeAll(async () => {
    mac = await createRoamingMac({ alice: 1 });
    for (const one of [mac, mac.server])
      await one.zfs('create', '-o', 'canmount=off', '-o', 'mountpoint=none', 'data/profiles-conflicts');
  }, 60_000);

  afterAll(async () => {
    await mac.remove();
  });

  const roamhome = (
    ...words: readonly string[]
  ): Promise<{ readonly code: number; readonly out: string; readonly said: string }> =>
    new Promise((done) => {
      execFile(join(mac.bin, 'roamhome'), words, (error, out, said) => {
        done({ code: error === null ? 0 : Number(error.code), out, said });
      });
    });

  test('and ends with 0: logout, the first', async () => {
    expect(await roamhome('logout', 'alice')).toMatchObject({ code: 0 });
  }, 120_000);

  test.each<[number, ...string[]]>([
    [0, 'status', '--json'],
    [0, 'status', 'alice'],
    [0, 'login', 'alice', '--dry-run'],
    // The home is root's here, and its account has / for its directory.
    [65, 'login', 'alice'],
    [0, 'checkpoint'],
    [0, 'logout', 'alice', '--dry-run'],
    [0, 'logout', 'alice'],
    [0, 'exclude', 'add', 'alice', 'Caches'],
    [0, 'exclude', 'list', 'alice'],
    [0, 'exclude', 'remove', 'alice', 'Caches'],
    [0, 'push', '--pending'],
    [0, 'thin', '--dry-run'],
    [0, 'thin'],
    [0, 'snapshots', 'alice'],
    // No view of a snapshot can be looked into here.
    [66, 'versions', 'alice', 'film-1'],
    // A simulated server has nobody's delegation.
    [2, 'doctor', '--json'],
  ])(
    'and ends with %i: %s %s',
    async (code, ...words) => {
      expect(await roamhome(...words)).toMatchObject({ code });
    },
    120_000,
  );

  test('a conflict that is on the server alone', async () => {
    const [first = ''] = (await mac.server.zfs('list', '-H', '-o', 'name', '-t', 'snapshot', home)).split(
      '\n',
    );
    await mac.server.zfs('clone', '-o', 'mountpoint=none', '-o', 'roamhome:conflict=alice', first, conflict);
    await mac.server.zfs('snapshot', `${conflict}@theirs`);
    const commands = [
      ['list'],
      ['show', name],
      ['diff', name],
      ['restore', name, '--all'],
      ['discard', name, '--yes'],
    ];
    for (const words of commands)
      expect([words, await roamhome('conflicts', ...words)]).toMatchObject([words, { code: 0 }]);
  }, 120_000);
});
