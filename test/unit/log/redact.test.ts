import { expect, test } from 'vitest';
import { isSecretName, redact } from '../../../src/log/redact.ts';

const key = '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1r\nZXk=\n-----END OPENSSH PRIVATE KEY-----';
const token = '1-c740b4779-b8-789c636064000310a500c4ec50360710e72765a526973030';

test.each<[string, string, string]>([
  ['a resume token', `zfs send -t ${token}`, 'zfs send -t [redacted token]'],
  ['two of them', `${token},${token}`, '[redacted token],[redacted token]'],
  ['a short token', 'x=1-e-f-0', 'x=[redacted token]'],
  ['not a snapshot name', 'a@roamhome-20261120T064500.123Z-mac7', 'a@roamhome-20261120T064500.123Z-mac7'],
  ['not a date', 'a@2026-11-20-064500 and 2021-1-20-06-4500', 'a@2026-11-20-064500 and 2021-1-20-06-4500'],
  ['a key', `before ${key} after`, 'before [redacted key] after'],
  ['a PEM key', key.replaceAll('OPENSSH', 'RSA'), '[redacted key]'],
  ['a PKCS#8 key', key.replaceAll('OPENSSH ', ''), '[redacted key]'],
  ['a key cut short', key.slice(0, 50), '[redacted key]'],
  ['two keys and what is between', `${key} x ${key}`, '[redacted key] x [redacted key]'],
  ['not a public key', 'ssh-ed25519 AAAAC3 alice', 'ssh-ed25519 AAAAC3 alice'],
  ['a password', 'password=hunter2 user=a', 'password=[redacted] user=a'],
  ['a passphrase in JSON', '{"passphrase":"a \'b\' c","x":1}', '{"passphrase":[redacted],"x":1}'],
  ['a password after a colon', 'Password: hunter2', 'Password: [redacted]'],
  ['a password in an address', 'https://alice:hunter2@host/x', 'https://alice:[redacted]@host/x'],
  ['not a method', 'Permission denied (publickey,password).', 'Permission denied (publickey,password).'],
])('%s', (_name, text, want) => {
  expect(redact(text)).toBe(want);
});

test.each([
  ['password', true],
  ['bindPassword', true],
  ['passphrase', true],
  ['privateKey', true],
  ['clientSecret', true],
  ['passed', false],
  ['user', false],
])('the field %s is secret: %j', (name, want) => {
  expect(isSecretName(name)).toBe(want);
});
