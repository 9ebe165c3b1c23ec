import { expect, test } from 'vitest';
import { offeredAlgorithms } from '../../../../src/host/ssh/ssh-algorithms.ts';

test.each([
  [true, 'chacha20-poly1305@openssh.com', 'aes256-ctr'],
  [false, 'aes128-gcm@openssh.com', 'chacha20-poly1305@openssh.com'],
])('with ssh2’s addon loaded: %s, the first cipher is %s, the last %s', (loaded, first, last) => {
  const { cipher } = offeredAlgorithms([], loaded);
  expect([cipher].flat().at(0)).toBe(first);
  expect([cipher].flat().at(-1)).toBe(last);
});

test('keys of the types that known_hosts has are asked for first; never SHA-1', () => {
  expect(offeredAlgorithms(['ssh-rsa'], true).serverHostKey).toEqual([
    'rsa-sha2-512',
    'rsa-sha2-256',
    'ssh-ed25519',
    'ecdsa-sha2-nistp256',
    'ecdsa-sha2-nistp384',
    'ecdsa-sha2-nistp521',
  ]);
});
