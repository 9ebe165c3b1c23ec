import { beforeEach, describe, expect, test, vi } from 'vitest';
import { conflictsToJson, formatConflicts } from '../../../../src/cli/conflicts/text.ts';
import { joinConflicts, listConflicts } from '../../../../src/homes/conflicts/list-conflicts.ts';
import { parseDatasetName, type DatasetName } from '../../../../src/zfs/names.ts';
import { createSyncZfs } from '../../../../src/zfs/sync-zfs.ts';
import type { Dataset } from '../../../../src/zfs/version.ts';
import { createWorld, edit, runAgent, type Mac } from '../../../support/model/world.ts';
import { dataset } from '../../../support/sync/homes.ts';

const here = 'data/conflicts' as DatasetName;
const there = 'tank/conflicts' as DatasetName;

function listed(name: string, user: string, words: string): Dataset {
  const {
    path: _path,
    change: _change,
    partial: _partial,
    ...plain
  } = dataset(name as DatasetName, '', words);
  return { ...plain, properties: { 'roamhome:conflict': user } };
}

// Times are shown by the clock of the machine.
beforeEach(() => {
  vi.stubEnv('TZ', 'Europe/Berlin');
  return () => vi.unstubAllEnvs();
});

describe('the conflicts of both sides', () => {
  const mac = [
    listed('data/conflicts', '-', ''),
    listed('data/conflicts/alice-mac7-x', 'alice', '@x:20 @y:30'),
    listed('data/conflicts/alice-mac7-x/mail', 'alice', '@m:20'),
    listed('data/conflicts/bob-mac7-q', 'bob', '@q:5'),
    listed('data/conflicts/next', '-', ''),
    listed('data/conflicts/next/alice', '-', '@n:40'),
  ];
  const server = [
    listed('tank/conflicts/alice-mac7-x', 'alice', '@x:20'),
    listed('tank/conflicts/alice-mac9-z', 'alice', '@z:10'),
    listed('tank/conflicts/by-hand', '-', '@h:1'),
  ];
  const join = (user: string | null) =>
    joinConflicts({ datasets: mac, root: here }, { datasets: server, root: there }, user);

  test('are joined by their names, the oldest first', () => {
    expect(join(null).map(({ name, onMac, onServer }) => [name, onMac !== null, onServer !== null])).toEqual([
      ['bob-mac7-q', true, false],
      ['alice-mac9-z', false, true],
      ['alice-mac7-x', true, true],
    ]);
    expect(join('alice').map(({ user }) => user)).toEqual(['alice', 'alice']);
  });

  test('begin where either side has them begin, and end where either has the newest', () => {
    const thinned = [listed('tank/conflicts/alice-mac7-x', 'alice', '@y:30 @z:40')];
    const [one] = joinConflicts({ datasets: mac, root: here }, { datasets: thinned, root: there }, 'alice');
    expect(one).toMatchObject({ name: 'alice-mac7-x', since: 20, newest: 40 });
  });

  test('with one whose first transfer was interrupted, which has no snapshot', () => {
    const cut = [listed('tank/conflicts/alice-mac9-cut', 'alice', '')];
    const found = joinConflicts(
      { datasets: mac, root: here },
      { datasets: [...server, ...cut], root: there },
      'alice',
    );
    expect(found.at(-1)).toMatchObject({ name: 'alice-mac9-cut', since: null, newest: null });
    expect(formatConflicts(found.slice(-1))).toBe(
      'alice-mac9-cut: of alice, no snapshot yet: its first transfer was interrupted\n    server:   tank/conflicts/alice-mac9-cut',
    );
    expect(conflictsToJson(found.slice(-1))).toMatchObject({ conflicts: [{ since: null, newest: null }] });
  });

  test('in words, within 80 columns', () => {
    const text = formatConflicts(join('alice'));
    expect(text).toBe(
      [
        'alice-mac9-z: of alice, 1970-01-01 01:00 to 1970-01-01 01:00',
        '    server:   tank/conflicts/alice-mac9-z',
        'alice-mac7-x: of alice, 1970-01-01 01:00 to 1970-01-01 01:00',
        '    this Mac: data/conflicts/alice-mac7-x',
        '    server:   tank/conflicts/alice-mac7-x',
      ].join('\n'),
    );
    expect(formatConflicts([])).toBe('nothing is set aside');
  });
});

test('a conflict is listed on both sides once it is set aside', async () => {
  const world = await createWorld({ children: true });
  const [first, second] = world.macs as readonly [Mac, Mac];
  await runAgent(world, first, 'logout', null);
  await runAgent(world, second, 'login', null);
  await runAgent(world, first, 'login', null);
  for (const mac of [first, second]) {
    edit(world, mac);
    world.now += 60_000;
    await runAgent(world, mac, 'logout', null);
  }
  const report = await runAgent(world, second, 'login', null);
  const observer = { command: () => undefined, warning: () => undefined };
  const root = parseDatasetName('data/profiles-conflicts');
  const found = await listConflicts({
    local: createSyncZfs(second.root, observer),
    localRoot: root,
    server: createSyncZfs(second.toServer, observer),
    serverRoot: root,
    user: 'alice',
    signal: new AbortController().signal,
  });
  expect(found).toMatchObject([
    { user: 'alice', onMac: report?.sync?.conflict?.setAside, onServer: report?.sync?.conflict?.branch },
  ]);
});

test('nothing that a client wrote for a user’s name gets to a terminal', () => {
  const title = '\u001b]0;owned\u0007';
  for (const user of [`a${title}`, `${title}\u001b[2Jb`, '\u009b2J', 'a\rb', 'alice \u001b[8m']) {
    const shown = formatConflicts(
      joinConflicts(
        { root: here, datasets: [listed('data/conflicts/alice-mac7-x', user, '@x:20')] },
        { root: there, datasets: [listed('tank/conflicts/alice-mac7-x', user, '@x:20')] },
        null,
      ),
    );
    expect(shown).toBe('nothing is set aside');
  }
});
