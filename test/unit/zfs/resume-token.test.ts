import { deflateSync, inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { decodeToken, encodeToken } from '../../../src/simulator/stream/token.ts';
import { readResumeToken } from '../../../src/zfs/resume-token.ts';

const contents = {
  toguid: '18446744073709551615',
  fromguid: '3',
  toname: 'data/profiles/alice@a',
  bytes: 65_536,
  flags: ['L', 'e', 'c'],
};
const token = encodeToken(contents);
const packed = inflateSync(Buffer.from(token.split('-')[3] ?? '', 'hex'));

/** A token of other contents; its checksum is zfs's to look at. */
function tokenOf(bytes: Buffer): string {
  return `1-0-${bytes.length.toString(16)}-${deflateSync(bytes).toString('hex')}`;
}

/** The token with one text in it replaced by another of the same length. */
function replaced(what: string, by: string): string {
  expect(by).toHaveLength(what.length);
  return tokenOf(Buffer.from(packed.toString('latin1').replace(what, by), 'latin1'));
}

test('a token says of which send it is', () => {
  expect(readResumeToken(token)).toEqual({
    toName: 'data/profiles/alice@a',
    toGuid: 18_446_744_073_709_551_615n,
    fromGuid: 3n,
    bytes: 65_536n,
    flags: ['L', 'e', 'c'],
  });
  expect(readResumeToken(encodeToken({ ...contents, fromguid: null, flags: [] }))).toMatchObject({
    fromGuid: null,
    flags: [],
  });
});

// As an OpenZFS made it, which said of it: bytes = 0x4e4228, toguid = 0x52f9c212c71e60cd, toname = zroot/test/a@1.
const real =
  '1-9baebea70-b8-789c636064000310a500c4ec50360710e72765a52697303030419460caa7a515a79680647ce0f26c48f2499525a9c5405ac3c90fabfe92fcf4d2cc140686b30972c7850efd0cd24092e704cbe725e6a632305415e5e797e803cd2ad14f743084b805001b201795';

test('one of a real ZFS is read, and taken by the simulator, which reckons the same checksum', () => {
  expect(readResumeToken(real)).toEqual({
    toName: 'zroot/test/a@1',
    toGuid: 0x52f9c212c71e60cdn,
    fromGuid: null,
    bytes: 0x4e4228n,
    flags: [],
  });
  expect(decodeToken(real)).toMatchObject({ toname: 'zroot/test/a@1', bytes: 0x4e4228 });
});

describe('what zfs might read otherwise is not read at all', () => {
  test.each<[string, string, RegExp]>([
    ['no token', 'data/profiles/alice@a', /./],
    ['another version', token.replace(/^1-/, '2-'), /./],
    ['what sscanf would skip', token.replace(/^1-/, '1- '), /./],
    ['a size that is wrong', token.replace(/^(1-[0-9a-f]+)-[0-9a-f]+-/, '$1-7-'), /size/],
    ['half a payload', token.slice(0, -20), /./],
    ['a big-endian machine’s', tokenOf(Buffer.concat([Buffer.of(0, 0), packed.subarray(2)])), /packed/],
    ['a send of what was received in part', replaced('embedok', 'savedok'), /"savedok"/],
    ['a field twice', replaced('object', 'offset'), /"offset"/],
    ['a field of another type', replaced('toname\0', 'object\0'), /"object"/],
    ['no name', tokenOf(Buffer.concat([packed.subarray(0, 12), Buffer.alloc(4)])), /no snapshot/],
    ['a name of no snapshot', replaced('alice@a', 'alice/a'), /no snapshot name/],
    ['a name with an end of its own', replaced('profiles/', 'profiles\0'), /no snapshot name/],
    ['something behind its end', tokenOf(Buffer.concat([packed, Buffer.alloc(8)])), /after its end/],
    ['no end', tokenOf(packed.subarray(0, -4)), /./],
    ['more than a token is', tokenOf(Buffer.alloc(100_000)), /./],
  ])('%s', (_what, spoilt, why) => {
    expect(() => readResumeToken(spoilt)).toThrow(why);
  });
});
