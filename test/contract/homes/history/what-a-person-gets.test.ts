import { chmodSync, lstatSync, readdirSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { choosePast, parseWanted } from '../../../../src/homes/history/choose-snapshots.ts';
import { findVersions } from '../../../../src/homes/history/find-versions.ts';
import { pathInHome, readHistory } from '../../../../src/homes/history/read-history.ts';
import {
  restoreFromHistory,
  type RestoreOutcome,
} from '../../../../src/homes/history/restore-from-history.ts';
import type { Session } from '../../../../src/homes/session.ts';
import { createSyncZfs } from '../../../../src/zfs/sync-zfs.ts';
import { FaultyRun } from '../../../support/model/faults.ts';
import { createConflictMac, home, pipe, type ConflictMac } from '../../../support/conflicts/conflict-mac.ts';

const nothing = { before: () => undefined, edit: () => undefined, after: () => undefined };
let mac: ConflictMac;

beforeEach(async () => {
  mac = await createConflictMac(nothing);
});

afterEach(() => {
  mac.remove();
});

/** A snapshot of all of the home on this Mac. */
async function keep(name: string): Promise<void> {
  mac.pass(3600);
  await mac.run(`snapshot -r ${home}@${name}`);
}

async function restore(path: string, at: string, session: Session = mac.session): Promise<RestoreOutcome> {
  const { history, homes } = await readHistory(session, true);
  return restoreFromHistory(session, {
    past: choosePast(history, parseWanted(at, history, new Date(2026, 11, 1))),
    parts: pathInHome(path, session.mountpoint, history),
    ...{ homes, to: null, label: 'before', hostAs: mac.hostAs },
  });
}

const read = (path: string): string => readFileSync(mac.at(path), 'utf8');

describe('a restore', () => {
  test.each([0o700, 0o711, 0o750, 0o755])(
    'makes a folder above again as open as it was: %o',
    async (mode) => {
      mac.put('Private/letters/one', 'Dear Ahab');
      for (const folder of ['Private', 'Private/letters']) chmodSync(mac.at(folder), mode);
      await keep('then');
      rmSync(mac.at('Private'), { recursive: true });
      await keep('now');
      await restore('Private/letters/one', 'then');
      expect(read('Private/letters/one')).toBe('Dear Ahab');
      for (const folder of ['Private', 'Private/letters'])
        expect(lstatSync(mac.at(folder)).mode & 0o777).toBe(mode);
    },
  );

  test('into what is a file now changes nothing, and says so', async () => {
    mac.put('Letters/one', 'Dear Ahab');
    await keep('then');
    rmSync(mac.at('Letters'), { recursive: true });
    mac.put('Letters', 'a list of letters');
    const before = readdirSync(mac.at('.'));
    await expect(restore('Letters/one', 'then')).rejects.toMatchObject({
      code: 'in-the-way',
      message: '"Letters" in the home is a file now, and was a directory',
    });
    expect(read('Letters')).toBe('a list of letters');
    expect(readdirSync(mac.at('.'))).toEqual(before);
  });

  test('goes on with what was cut on its way from the server', async () => {
    mac.put('film', 'f'.repeat(400_000));
    await keep('then');
    await pipe(mac.zfs.host, `send -i ${home}@a ${home}@then`, mac.server, `receive -u ${home}`);
    await mac.run(`destroy ${home}@then`);
    rmSync(mac.at('film'));
    const { server } = mac.session;
    const cut = new FaultyRun({ kind: 'cut-at-byte', bytes: 100_000 });
    const zfs = createSyncZfs(cut.host(server.zfs.host, true), server.zfs.observer);
    const session = { ...mac.session, server: { ...server, zfs } };
    await expect(restore('film', 'then', session)).rejects.toMatchObject({ code: 'connection-lost' });
    await restore('film', 'then');
    expect(read('film')).toBe('f'.repeat(400_000));
    const sent = mac.server.commandLog
      .map(({ argv }) => argv.join(' '))
      .filter((line) => line.includes(' send '));
    expect(sent.at(-1)).toMatch(/ -t 1-/);
  });
});

test('two versions of one size and one time are two versions', async () => {
  const write = async (text: string, name: string): Promise<void> => {
    mac.put('plan', text);
    utimesSync(mac.at('plan'), 1_795_000_000, 1_795_000_000);
    await keep(name);
  };
  await write('go by sea', 'one');
  await write('go by air', 'two');
  mac.put('novel', 'changed');
  await keep('three');
  const { versions } = await findVersions(mac.session, await readHistory(mac.session, false), ['plan']);
  expect(versions.map(({ first, last }) => [first.short, last.short])).toEqual([
    ['two', 'three'],
    ['one', 'one'],
  ]);
});
