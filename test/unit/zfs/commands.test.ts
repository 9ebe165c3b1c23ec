import { describe, expect, test } from 'vitest';
import { remoteCommand } from '../../../src/host/remote-words.ts';
import type { ZfsCommand } from '../../../src/zfs/command.ts';
import {
  inheritProperty,
  mount,
  mountReadOnly,
  remountReadOnly,
  remountWritable,
  rollbackToHead,
  setProperties,
  snapshot,
  unmount,
} from '../../../src/zfs/commands/change.ts';
import { diffArgv } from '../../../src/zfs/commands/diff.ts';
import { listMounts, listName, listProperty } from '../../../src/zfs/commands/list.ts';
import { receive, receiveAbort, send, sendResume } from '../../../src/zfs/commands/stream.ts';
import { parseDatasetName, parseSnapshotName } from '../../../src/zfs/names.ts';

import { dataset, token } from '../../support/sync/homes.ts';

const alice = parseDatasetName('data/profiles/alice');
const mail = parseDatasetName('data/profiles/alice/mail');
const state = dataset(alice, '', '#z:1 @a:2 @b:3');
const [a, b] = state.snapshots;
const [z] = state.bookmarks;

const commands: readonly (readonly [string, ZfsCommand<unknown>, boolean])[] = [
  ['zfs snapshot data/profiles/alice@x data/profiles/alice/mail@x', snapshot([alice, mail], 'x'), true],
  ['zfs rollback data/profiles/alice@b', rollbackToHead(parseSnapshotName('data/profiles/alice@b')), true],
  [
    'zfs set canmount=noauto atime=off data/profiles/alice',
    setProperties(alice, { canmount: 'noauto', atime: 'off' }),
    true,
  ],
  [
    'zfs set roamhome:session=mac7,2026-11-20T06:45:00Z data/profiles/alice',
    setProperties(alice, { 'roamhome:session': 'mac7,2026-11-20T06:45:00Z' }),
    true,
  ],
  ['zfs inherit roamhome:session data/profiles/alice', inheritProperty(alice, 'roamhome:session'), true],
  ['zfs list -Hp -o roamhome:session data/profiles/alice', listProperty(alice, 'roamhome:session'), false],
  ['zfs mount data/profiles/alice', mount(alice), true],
  ['zfs mount -o ro,nosuid,nodev data/profiles/alice', mountReadOnly(alice), true],
  ['zfs mount -o remount,rw,nosuid,nodev data/profiles/alice', remountWritable(alice), true],
  ['zfs mount -o remount,ro,nosuid,nodev data/profiles/alice', remountReadOnly(alice), true],
  ['zfs unmount data/profiles/alice', unmount(alice, { force: false }), true],
  ['zfs unmount -f data/profiles/alice', unmount(alice, { force: true }), true],
  ['zfs list -H -o name data/profiles/alice', listName(alice), false],
  [
    'zfs list -Hp -t filesystem -d 1 -o name,mounted,mountpoint data/profiles/alice',
    listMounts(alice),
    false,
  ],
  ['zfs send -P -v data/profiles/alice@b', send({ from: null, to: b!, intermediates: false }, ''), false],
  [
    'zfs send -P -v -L -e -c -i data/profiles/alice@a data/profiles/alice@b',
    send({ from: a!, to: b!, intermediates: false }, 'Lec'),
    false,
  ],
  [
    'zfs send -P -v -L -e -c -I data/profiles/alice@a data/profiles/alice@b',
    send({ from: a!, to: b!, intermediates: true }, 'Lec'),
    false,
  ],
  // The whole name, for a word that begins with # is a comment to a shell on the way.
  [
    'zfs send -P -v -i data/profiles/alice#z data/profiles/alice@b',
    send({ from: z!, to: b!, intermediates: false }, ''),
    false,
  ],
  ['zfs send -P -v -t 1-aa-bb-cc', sendResume(token), false],
  ['zfs receive -u -s data/profiles/alice', receive(alice), true],
  ['zfs receive -u -s -o canmount=noauto data/profiles/alice', receive(alice, { canmount: 'noauto' }), true],
  ['zfs receive -A data/profiles/alice', receiveAbort(alice), true],
];

describe('commands as values', () => {
  test.each(commands)('%s', (line, command, mutates) => {
    expect(command.argv.join(' ')).toBe(line);
    expect(command.mutates).toBe(mutates);
  });

  test.each(commands)('%s passes a restricted shell as it is', (line, command) => {
    expect(remoteCommand(command.argv)).toBe(line);
  });

  test('none destroys, forces a receive, or carries properties in a stream', () => {
    for (const [, { argv }] of commands) {
      expect(argv).not.toContain('destroy');
      if (argv[1] === 'receive') expect(argv).not.toContain('-F');
      if (argv[1] === 'send') expect(argv.filter((word) => word === '-p' || word === '-R')).toEqual([]);
      if (argv[1] === 'rollback') expect(argv.filter((word) => word.startsWith('-'))).toEqual([]);
    }
  });

  test('the ones without output give nothing', () => {
    expect(() => {
      mount(alice).parse('');
    }).not.toThrow();
    expect(listName(alice).parse('data/profiles/alice\n')).toBe(true);
    expect(
      listMounts(alice).parse('data/profiles/alice\tno\tnone\ndata/profiles/alice/x\tyes\t/a b\n'),
    ).toEqual([
      { name: 'data/profiles/alice', mounted: false, mountpoint: 'none' },
      { name: 'data/profiles/alice/x', mounted: true, mountpoint: '/a b' },
    ]);
    for (const line of ['data/profiles/alice\t-\tnone', 'data/profiles/alice\tyes', 'x\tyes\t/x\t?'])
      expect(() => listMounts(alice).parse(`${line}\n`)).toThrow(/where something is mounted/);
    expect(listProperty(alice, 'roamhome:session').parse('mac7\n')).toBe('mac7');
    expect(diffArgv(a!.name, alice)).toEqual([
      'zfs',
      'diff',
      '-HF',
      'data/profiles/alice@a',
      'data/profiles/alice',
    ]);
  });
});
