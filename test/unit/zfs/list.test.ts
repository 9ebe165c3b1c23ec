import { describe, expect, test } from 'vitest';
import { listTree } from '../../../src/zfs/commands/list.ts';
import { parseDatasetName } from '../../../src/zfs/names.ts';

const home = parseDatasetName('data/profiles/alice');
const command = listTree(home, ['roamhome:sync', 'mountpoint']);
const line = (...fields: string[]): string => `${fields.join('\t')}\n`;
const dataset = (
  name: string,
  more: Partial<{ written: string; token: string; mounted: string; sync: string }> = {},
): string =>
  line(
    name,
    'filesystem',
    '17',
    '5',
    '1763600000',
    more.written ?? '0',
    more.token ?? '-',
    more.mounted ?? 'no',
    ...[more.sync ?? '-', `/${name}`],
    ...[more.sync ?? '-', `/${name}`],
  );
const snapshot = (name: string, guid: string, txg: string, written = '10'): string =>
  line(name, 'snapshot', guid, txg, '1763600001', written, '-', '-', '-', '-', '-', '-');
const bookmark = (name: string, guid: string, txg: string): string =>
  line(name, 'bookmark', guid, txg, '1763600001', '-', '-', '-', '-', '-', '-', '-');

describe('zfs list', () => {
  test('is one command for everything', () => {
    expect(command.argv.join(' ')).toBe(
      'zfs list -Hp -t filesystem,snapshot,bookmark -o name,type,guid,createtxg,creation,written,' +
        'receive_resume_token,mounted,roamhome:sync,mountpoint,roamhome:sync,mountpoint -s createtxg -r data/profiles/alice',
    );
    expect(command.mutates).toBe(false);
  });

  test('gives each dataset its versions, oldest first by createtxg, whatever the order of the lines', () => {
    const [alice, mail] = command.parse(
      snapshot('data/profiles/alice@b', '2', '20') +
        dataset('data/profiles/alice/mail') +
        bookmark('data/profiles/alice#z', '1', '10') +
        dataset('data/profiles/alice', { written: '4096', mounted: 'yes', sync: 'on' }) +
        snapshot('data/profiles/alice@a', '1', '9'),
    );
    expect(alice).toMatchObject({
      name: 'data/profiles/alice',
      written: 4096n,
      mounted: true,
      resumeToken: null,
      properties: { 'roamhome:sync': 'on', mountpoint: '/data/profiles/alice' },
    });
    expect(alice?.snapshots.map(({ name }) => name)).toEqual([
      'data/profiles/alice@a',
      'data/profiles/alice@b',
    ]);
    expect(alice?.bookmarks).toEqual([
      { kind: 'bookmark', name: 'data/profiles/alice#z', guid: '1', createtxg: 10n, creation: 1763600001 },
    ]);
    expect(mail?.snapshots).toEqual([]);
  });

  test('keeps 64-bit numbers whole', () => {
    const [alice] = command.parse(
      dataset('data/profiles/alice') +
        snapshot('data/profiles/alice@a', '18446744073709551615', '9007199254740993'),
    );
    expect(alice?.snapshots[0]).toMatchObject({ guid: '18446744073709551615', createtxg: 9007199254740993n });
  });

  test('a volume takes no part: its snapshots and bookmarks, which zfs lists, are left out', () => {
    const [alice, ...more] = command.parse(
      dataset('data/profiles/alice') +
        snapshot('data/profiles/alice/vm@s', '3', '7') +
        bookmark('data/profiles/alice/vm#s', '4', '8') +
        snapshot('data/profiles/alice@a', '1', '9'),
    );
    expect(more).toEqual([]);
    expect(alice?.snapshots.map(({ name }) => name)).toEqual(['data/profiles/alice@a']);
    expect(alice?.bookmarks).toEqual([]);
  });

  test('reads a resume token', () => {
    const [alice] = command.parse(dataset('data/profiles/alice', { token: '1-f69e1c-d8-789c636064' }));
    expect(alice?.resumeToken).toBe('1-f69e1c-d8-789c636064');
  });

  test.each([
    ['a field too few', dataset('data/profiles/alice').replace(/\t[^\t]*\n$/, '\n')],
    [
      'an unknown type',
      line('data/profiles/alice', 'volume', '1', '1', '1', '0', '-', '-', '-', '-', '-', '-'),
    ],
    ['a guid that is none', dataset('data/profiles/alice').replace('\t17\t', '\t1e17\t')],
    ['a size for people', dataset('data/profiles/alice', { written: '4K' })],
    ['a token of another shape', dataset('data/profiles/alice', { token: 'yes' })],
    ['neither mounted nor not', dataset('data/profiles/alice', { mounted: '-' })],
    ['a name that is none', dataset('data/profiles/alice;reboot')],
    ['an empty line', `${dataset('data/profiles/alice')}\n`],
    ['a warning in between', `warning: something\n${dataset('data/profiles/alice')}`],
  ])('throws on %s', (_what, stdout) => {
    expect(() => command.parse(stdout)).toThrow(expect.objectContaining({ name: 'RoamhomeError' }) as Error);
  });
});
