import { describe, expect, test } from 'vitest';
import { parseSendLine } from '../../../src/zfs/send-progress.ts';
import { decodeTokenArgv, parseTokenContents } from '../../../src/zfs/commands/token.ts';
import { token } from '../../support/sync/homes.ts';

describe("zfs send -P -v's stderr (seen on 2.3.2)", () => {
  test.each([
    [
      'full\tdata/profiles/alice@a\t43632',
      { kind: 'part', snapshot: 'data/profiles/alice@a', bytes: 43_632 },
    ],
    [
      'incremental\tdata/profiles/alice@a\tdata/profiles/alice@b\t830360',
      { kind: 'part', snapshot: 'data/profiles/alice@b', bytes: 830_360 },
    ],
    ['size\t830360', { kind: 'estimate', bytes: 830360n }],
    // What is left of a stream of which more had come than zfs had expected of the whole.
    ['size\t18446744073706506336', { kind: 'estimate', bytes: 18446744073706506336n }],
    ['\tbytes = 0x1dfcdd8', { kind: 'detail' }],
    ['09:24:51\t4096\tdata/profiles/alice@b', { kind: 'progress', snapshot: 'data/profiles/alice@b' }],
    ['resume token contents:', { kind: 'detail' }],
    ['nvlist version: 0', { kind: 'detail' }],
    ['\tfromguid = 0x1eb5753beeae3dc1', { kind: 'detail' }],
    ['\ttoname = data/profiles/alice@b', { kind: 'detail' }],
    ['', { kind: 'detail' }],
    [
      "warning: cannot send 'data/a@b': permission denied",
      { kind: 'message', text: "warning: cannot send 'data/a@b': permission denied" },
    ],
    ['size\tmany', { kind: 'message', text: 'size\tmany' }],
  ])('%j', (line, want) => {
    expect(parseSendLine(line)).toEqual(want);
  });
});

describe('a resume token', () => {
  // As 2.3.2 printed it.
  const contents = `resume token contents:
nvlist version: 0
	fromguid = 0x1eb5753beeae3dc1
	object = 0x3
	offset = 0x20000
	bytes = 0x40c98
	toguid = 0xf83ccb9ddf051c4e
	toname = data/profiles/alice@b
	embedok = 1
	compressok = 1
`;

  test('is decoded by zfs, without sending', () => {
    expect(decodeTokenArgv(token)).toEqual(['zfs', 'send', '-n', '-v', '-t', '1-aa-bb-cc']);
  });

  test('gives guids as whole 64-bit numbers', () => {
    expect(parseTokenContents(contents)).toEqual({
      fromGuid: '2212803692190383553',
      toGuid: '17887395698920725582',
      toName: 'data/profiles/alice@b',
      bytes: 265368n,
      flags: 'Lec',
    });
  });

  test('of a full stream has no source', () => {
    expect(parseTokenContents(contents.replace(/\tfromguid.*\n/, ''))?.fromGuid).toBeNull();
    expect(parseTokenContents(contents.replace(/0x1eb5753beeae3dc1/, '0x0'))?.fromGuid).toBeNull();
  });

  test('that zfs cannot read is null', () => {
    expect(parseTokenContents('cannot resume send: resume token is corrupt\n')).toBeNull();
  });

  test('with contents that are not understood throws', () => {
    expect(() => parseTokenContents(contents.replace('toguid', 'togrid'))).toThrow('token contents');
  });
});
