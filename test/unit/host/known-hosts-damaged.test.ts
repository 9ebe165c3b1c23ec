import { expect, test } from 'vitest';
import { parseKnownHosts } from '../../../src/host/ssh/known-hosts.ts';

const key = 'AAAAC3NzaC1lZDI1NTE5AAAAIBcGasAkJKfma6wvu7HdgmFAIAw6EQyx7V8e4rLM19Pd';

test.each([
  ['a letter that base64 does not have', `${key.slice(0, 30)}*${key.slice(31)}`],
  ['a letter too many that base64 does not have', `${key.slice(0, 30)}*${key.slice(30)}`],
  ['its end cut off after a dash', `${key.slice(0, 60)}-`],
])('a key with %s is refused, and read as no other', (_how, damaged) => {
  expect(() => parseKnownHosts(`server ssh-ed25519 ${damaged}`, 'known_hosts')).toThrow(
    'known_hosts, line 1',
  );
});
