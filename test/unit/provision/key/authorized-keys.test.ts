import { describe, expect, test } from 'vitest';
import {
  keyOptions,
  parseAuthorizedKeys,
  withKey,
  withoutKey,
} from '../../../../src/provision/key/authorized-keys.ts';
import { acceptedKey, parseSessions, toBeEnded } from '../../../../src/provision/key/live-sessions.ts';
import { parsePublicKey } from '../../../../src/provision/key/public-key.ts';
import { keyRows } from '../../../../src/cli/provision/key-rows.ts';

const base64 = (letter: string): string => `AAAAC3NzaC1lZDI1NTE5AAAAI${letter.repeat(43)}`;
const [a, b] = [base64('A'), base64('E')];
const key = parsePublicKey(`ssh-ed25519 ${a}`);

describe('a public key', () => {
  test.each([`ssh-ed25519 ${a}`, `  ssh-ed25519\t${a} alice@mac, "x"\n`, `ssh-ed25519 ${a} comment\r\n`])(
    '%j',
    (text) => {
      expect(parsePublicKey(text)).toMatchObject({ type: 'ssh-ed25519', base64: a });
    },
  );
  test.each([
    ['nothing', ''],
    ['options in front', `command="sh" ssh-ed25519 ${a}`],
    ['an option without a value', `no-pty ssh-ed25519 ${a}`],
    ['two keys', `ssh-ed25519 ${a}\nssh-ed25519 ${b}`],
    ['a key behind a carriage return', `ssh-ed25519 ${a}\rssh-ed25519 ${b}`],
    ['cut off', `ssh-ed25519 ${a.slice(0, -8)}`],
    ['more behind it', `ssh-ed25519 ${a}AAAA`],
    ['another type', `ssh-rsa ${a}`],
    ['a type that is none', `ssh-dss ${a}`],
    ['no base64', `ssh-ed25519 ${a.slice(0, -1)}!`],
    ['a private key', '-----BEGIN OPENSSH PRIVATE KEY-----\nx\n'],
  ])('refuses %s', (_name, text) => {
    expect(() => parsePublicKey(text)).toThrow(expect.objectContaining({ code: 'key-unusable' }));
  });
});

const ours = `restrict ssh-ed25519 ${a} roamhome:mac7 added 2026-11-01\n`;
const theirs = `from="10.0.0.0/8, x",no-pty ssh-ed25519 ${b} bob at home\n`;
const odd = '# a comment\n\nnonsense\n';

describe('the file of the keys', () => {
  test('what is in it', () => {
    expect(parseAuthorizedKeys(odd + ours + theirs).map((line) => line.key)).toMatchObject([
      ...[null, null, null],
      { mac: 'mac7', options: 'restrict', added: '2026-11-01' },
      { mac: null, options: 'from="10.0.0.0/8, x",no-pty', comment: 'bob at home' },
    ]);
  });
  test('a quote in a quoted option, and a key inside of one', () => {
    const line = `command="echo \\"ssh-ed25519 ${b}\\"" ssh-ed25519 ${a}`;
    expect(parseAuthorizedKeys(line)[0]?.key).toMatchObject({
      base64: a,
      options: `command="echo \\"ssh-ed25519 ${b}\\""`,
    });
  });

  const wanted = { mac: 'mac7', key, options: 'restrict' };
  test.each([
    ['the first', '', ours],
    ['behind others', odd + theirs, odd + theirs + ours],
    ['behind a last line without its end', theirs.trimEnd(), theirs + ours],
    ['there already', theirs + ours, theirs + ours],
    [
      'there with other options, keeps its day',
      ours.replace('restrict', 'no-pty').replace('11-01', '10-01') + theirs,
      ours.replace('11-01', '10-01') + theirs,
    ],
    ['put in by hand: becomes the Mac’s', `restrict ssh-ed25519 ${a} root@mac\n${theirs}`, ours + theirs],
  ])('a key is added: %s', (_name, before, after) => {
    expect(withKey(before, wanted, '2026-11-01')).toBe(after);
  });
  test('a name that has another key, a key that has another name', () => {
    expect(() => withKey(ours, { ...wanted, key: parsePublicKey(`ssh-ed25519 ${b}`) }, 'x')).toThrow(
      'mac7 has another key',
    );
    expect(() => withKey(ours, { ...wanted, mac: 'mac8' }, 'x')).toThrow('as that of mac7');
  });
  test('a key is taken out, and nothing else', () => {
    expect(withoutKey(odd + ours + theirs, 'mac7')).toBe(odd + theirs);
    expect(withoutKey(odd + theirs, 'mac7')).toBe(odd + theirs);
    // One that somebody else put in has no name.
    const nameless = parseAuthorizedKeys(theirs)[0]?.key?.fingerprint ?? '';
    expect(nameless).toMatch(/^SHA256:/);
    expect(withoutKey(odd + ours + theirs, nameless)).toBe(odd + ours);
  });
  test('options', () => {
    expect(keyOptions(null)).toBe('restrict');
    expect(keyOptions(['/usr/bin/node', '/x/gate.js', '/y.json'])).toBe(
      'restrict,command="/usr/bin/node /x/gate.js /y.json"',
    );
  });
  test('as a table', () => {
    const keys = parseAuthorizedKeys(ours + theirs).flatMap((line) => line.key ?? []);
    expect(keyRows(keys)).toEqual([
      'MAC            TYPE     ADDED       RESTRICTION  FINGERPRINT',
      `mac7           ed25519  2026-11-01  the shell    ${key.fingerprint}`,
      `(bob at home)  ed25519  -           NONE         ${parsePublicKey(`ssh-ed25519 ${b}`).fingerprint}`,
    ]);
    expect(keyRows([])).toEqual(['no key is let in']);
  });
});

describe('connections', () => {
  test('of the account', () => {
    const ps =
      '    1 /sbin/init\n  101 sshd: sync [priv]\n 102 sshd: sync@notty\n 103 sshd-session: sync [priv]\n 104 sshd: synchro [priv]\n';
    expect(parseSessions(ps, 'sync')).toEqual([101, 103]);
  });
  test('the key that one came with: the last that the process let in', () => {
    const log = [
      'Connection from 10.0.0.1 port 1',
      'Accepted publickey for other from 10.0.0.1 port 1 ssh2: ED25519 SHA256:o',
      'Accepted publickey for sync from 10.0.0.1 port 1 ssh2: ED25519 SHA256:a',
      'Accepted publickey for sync from fe80::1 port 2 ssh2: RSA SHA256:b',
    ].join('\n');
    expect(acceptedKey(log, 'sync')).toBe('SHA256:b');
    expect(acceptedKey('', 'sync')).toBeNull();
  });
  test('those end whose key is not let in, or not known', () => {
    const sessions = ['SHA256:a', 'SHA256:b', null].map((fingerprint, pid) => ({ pid, fingerprint }));
    expect(toBeEnded(sessions, [{ fingerprint: 'SHA256:a' }]).map(({ pid }) => pid)).toEqual([1, 2]);
  });
});
