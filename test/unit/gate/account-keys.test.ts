import { expect, test } from 'vitest';
import { macsLetIn } from '../../../src/gate/account-keys.ts';
import { judgeForAny } from '../../../src/gate/judge.ts';
import { shellZfsText } from '../../../src/gate/policy.ts';
import { policyOf } from '../../support/restrictions/restricted.ts';

test('the keys of an account are those whose lines name a Mac; one that names none stops all', () => {
  const text =
    '# x\n\nrestrict ssh-ed25519 AAAA roamhome:mac7 added 2026-11-26\nrestrict ssh-ed25519 AAAB roamhome:mac-8 added 2026-11-27\n';
  expect(macsLetIn(text)).toEqual(['mac7', 'mac-8']);
  expect(macsLetIn('')).toEqual([]);
  for (const line of ['restrict ssh-ed25519 AAAA root@mac-a', 'ssh-ed25519 A roamhome:../x added 2026-11-26'])
    expect(() => macsLetIn(`${text}${line}\n`)).toThrow('no Mac by name');
});

test('behind a shell an account may do what one of its keys may, and no mixture of two', () => {
  const policies = [
    { ...policyOf('mac7'), users: ['alice'] },
    { ...policyOf('mac8'), users: ['bob'], mode: 'read' as const },
  ];
  const verdict = (line: string) => judgeForAny(line, policies).verdict.kind;
  expect(verdict('zfs receive -u -s data/profiles/alice')).toBe('legal');
  expect(verdict('zfs list -Hp -o name data/profiles/bob')).toBe('legal');
  expect(verdict('zfs receive -u -s data/profiles/bob')).toBe('refused');
  expect(verdict('zfs set roamhome:session=mac8,1700000000 data/profiles/alice')).toBe('refused');
  expect(judgeForAny('zfs list -Hp -o name data/profiles/bob', []).verdict.kind).toBe('refused');
});

test('the zfs behind lshell empties the environment in its first line, which Linux reads whole', () => {
  const text = shellZfsText({ node: '/usr/bin/node', gate: '/usr/local/lib/roamhome/dist/gate.js' });
  expect(text.split('\n')[0]).toBe(
    '#!/usr/bin/env -S -i /usr/bin/node /usr/local/lib/roamhome/dist/gate.js --behind-lshell',
  );
  expect(() => shellZfsText({ node: '/usr/bin/node', gate: `/${'x'.repeat(220)}/gate.js` })).toThrow(
    'too long',
  );
  expect(() => shellZfsText({ node: '/usr/bin/no de', gate: '/gate.js' })).toThrow('plain characters');
});
