import { describe, expect, test } from 'vitest';
import {
  fingerprint,
  hostName,
  judgeHostKey,
  knownKeyTypes,
  parseKnownHosts,
} from '../../../../src/host/ssh/known-hosts.ts';

// Made once with ssh-keygen; the fingerprints are what its -l printed.
const ed25519 = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBcGasAkJKfma6wvu7HdgmFAIAw6EQyx7V8e4rLM19Pd';
const other = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKtqTO/0O/yVfV8uz/MAVnhz+6xQ/qsohYR6qZ2wMFwt';
const ecdsa =
  'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBI8+cx7/2mk0/ygjV56MuKtx2BR6m20NKXUf' +
  '/gDOEfAwgMq8mXdsp+oajxd+wUxmqi73s90w4Ewl0nPvg5R/pWA=';
// `ssh-keygen -H` of server.example.org and of [server.example.org]:2222.
const hashed = '|1|YAZmM1X8zEMwGUHhtOZh1mNKqDQ=|zsboqcApE63NPeIhJU0xSwlzxcM=';
const hashedWithPort = '|1|E5VWdAGYnwX/LY+Dn6eoyNEso0Y=|WpBW19631SUfGxbZXJsMhipVrjM=';

const blobOf = (line: string): Buffer => Buffer.from(line.split(' ')[1]!, 'base64');

/** Judges `shown` from server.example.org against a file of these lines. */
function judge(lines: readonly string[], shown: string, host = 'server.example.org', port = 22): string {
  const entries = parseKnownHosts(lines.join('\n'), 'known_hosts');
  return judgeHostKey({ entries, host, port, keyBlob: blobOf(shown) }).verdict;
}

describe('judges the key of server.example.org, port 22', () => {
  test.each<[string, string[], string, string]>([
    ['an empty file', [], ed25519, 'unknown'],
    ['only comments and blank lines', ['# one', '', '  # two', '\t'], ed25519, 'unknown'],
    ['its name', [`server.example.org ${ed25519}`], ed25519, 'known'],
    ['its name with a comment', [`server.example.org ${ed25519} made by hand`], ed25519, 'known'],
    ['its name in capitals', [`Server.Example.ORG ${ed25519}`], ed25519, 'known'],
    ['a line that ends in CR', [`server.example.org ${ed25519}\r`], ed25519, 'known'],
    ['fields apart by tabs and spaces', [` server.example.org \t ${ed25519}`], ed25519, 'known'],
    ['another name', [`other.example.org ${ed25519}`], ed25519, 'unknown'],
    ['a name that it is the end of', [`example.org ${ed25519}`], ed25519, 'unknown'],
    ['a dot that is no wildcard', [`serverXexample.org ${ed25519}`], ed25519, 'unknown'],
    ['a list of names', [`a,server.example.org,10.0.0.1 ${ed25519}`], ed25519, 'known'],
    ['a star', [`*.example.org ${ed25519}`], ed25519, 'known'],
    ['a question mark', [`serve?.example.org ${ed25519}`], ed25519, 'known'],
    ['a question mark stands for one', [`server?.example.org ${ed25519}`], ed25519, 'unknown'],
    ['a negation before', [`!server.example.org,*.example.org ${ed25519}`], ed25519, 'unknown'],
    ['a negation after', [`*.example.org,!server.* ${ed25519}`], ed25519, 'unknown'],
    ['a negation alone', [`!other.example.org ${ed25519}`], ed25519, 'unknown'],
    ['a port that it does not use', [`[server.example.org]:2222 ${ed25519}`], ed25519, 'unknown'],
    ['a hashed name', [`${hashed} ${ed25519}`], ed25519, 'known'],
    ['a hashed name with a port', [`${hashedWithPort} ${ed25519}`], ed25519, 'unknown'],
    ['another key', [`server.example.org ${other}`], ed25519, 'changed'],
    ['another key behind a hashed name', [`${hashed} ${other}`], ed25519, 'changed'],
    ['a key of another type', [`server.example.org ${ecdsa}`], ed25519, 'changed'],
    [
      'two keys, one of them this',
      [`server.example.org ${ecdsa}`, `server.example.org ${ed25519}`],
      ed25519,
      'known',
    ],
    ['the key revoked', [`server.example.org ${ed25519}`, `@revoked * ${ed25519}`], ed25519, 'revoked'],
    [
      'the key revoked elsewhere',
      [`server.example.org ${ed25519}`, `@revoked other ${ed25519}`],
      ed25519,
      'known',
    ],
    ['another key revoked', [`server.example.org ${ed25519}`, `@revoked * ${other}`], ed25519, 'known'],
    ['only another key revoked', [`@revoked * ${other}`], ed25519, 'unknown'],
    ['the key as an authority', [`@cert-authority *.example.org ${ed25519}`], ed25519, 'unknown'],
    ['another key as an authority', [`@cert-authority *.example.org ${other}`], ed25519, 'unknown'],
  ])('%s', (_name, lines, shown, verdict) => {
    expect(judge(lines, shown)).toBe(verdict);
  });
});

test.each<[string, string, string, number, string]>([
  ['its name and port', '[server.example.org]:2222', 'server.example.org', 2222, 'known'],
  ['its name alone', 'server.example.org', 'server.example.org', 2222, 'unknown'],
  ['another port', '[server.example.org]:2223', 'server.example.org', 2222, 'unknown'],
  ['its name and port, hashed', hashedWithPort, 'server.example.org', 2222, 'known'],
  ['a pattern with its port', '[*.example.org]:2222', 'server.example.org', 2222, 'known'],
  ['an IPv6 address', 'fd00::7', 'fd00::7', 22, 'known'],
  ['an IPv6 address in capitals', 'fd00::a', 'FD00::A', 22, 'known'],
  ['an IPv6 address and port', '[fd00::7]:2222', 'fd00::7', 2222, 'known'],
])('judges by name and port: %s', (_name, pattern, host, port, verdict) => {
  expect(judge([`${pattern} ${ed25519}`], ed25519, host, port)).toBe(verdict);
});

test('a changed key comes with the keys that were expected', () => {
  const entries = parseKnownHosts(`server ${ecdsa}\nserver ${other}\n`, 'known_hosts');
  const verdict = judgeHostKey({ entries, host: 'server', port: 22, keyBlob: blobOf(ed25519) });
  const expected =
    verdict.verdict === 'changed' ? verdict.expected.map((key) => fingerprint(key.keyBlob)) : [];
  expect(expected).toEqual([
    'SHA256:xHREjOsY2WUpVHqMkfVQ8Z6dGrGnu+4PH5noAAh6BVw',
    'SHA256:wF1u6i1Cf6eSqfcdT61pObX9MRyAVDICO582WPeIVAo',
  ]);
});

test('the fingerprint is that of ssh-keygen -l', () => {
  expect(fingerprint(blobOf(ed25519))).toBe('SHA256:3diznPZTOkmLbL7uf7nyfO91KUOtGTy8fXwlmtkEzcc');
});

test.each<[string, string]>([
  ['too few fields', 'server ssh-ed25519'],
  ['a name alone', 'server'],
  ['an unknown marker', `@trusted server ${ed25519}`],
  ['a marker and nothing else', '@revoked'],
  ['a key that is not base64', 'server ssh-ed25519 AAAA!!!!'],
  ['a key that was cut', `server ${ed25519.slice(0, -70)}`],
  ['a key of another type than it says', `server ${ecdsa.replace('ecdsa-sha2-nistp256', 'ssh-ed25519')}`],
  ['an SSH 1 key', 'server 1024 35 1234567890'],
  ['a hash of another kind', `|2|YAZmM1X8zEMwGUHhtOZh1mNKqDQ=|zsboqcApE63NPeIhJU0xSwlzxcM= ${ed25519}`],
  ['a hash that was cut', `|1|YAZmM1X8zEMwGUHhtOZh1mNKqDQ=|zsboqcApE63NPeIh ${ed25519}`],
  ['a hashed name in a list', `server,${hashed} ${ed25519}`],
])('a line that cannot be read is named: %s', (_name, line) => {
  expect(() => parseKnownHosts(`# comment\n\n${line}\n`, '/etc/roamhome/known_hosts')).toThrow(
    expect.objectContaining({
      code: 'file-unreadable',
      message: expect.stringContaining('/etc/roamhome/known_hosts, line 3: ') as string,
    }),
  );
});

test('the types of key to ask a server for are those that the file trusts for it', () => {
  const text = [`server ${ecdsa}`, `*ver ${ed25519}`, `other ${other}`, `@revoked server ${other}`].join(
    '\n',
  );
  const entries = parseKnownHosts(text, 'known_hosts');
  expect(knownKeyTypes(entries, 'server', 22)).toEqual(['ecdsa-sha2-nistp256', 'ssh-ed25519']);
  expect(knownKeyTypes(entries, 'elsewhere', 22)).toEqual([]);
});

test('a host is named as in known_hosts', () => {
  expect(hostName('Server', 22)).toBe('server');
  expect(hostName('fd00::7', 2222)).toBe('[fd00::7]:2222');
});
