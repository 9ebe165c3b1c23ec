import { RoamhomeError } from '../../errors/errors.ts';
import { fingerprint, typeOfBlob } from '../../host/ssh/known-hosts.ts';

/** A public key as a line of OpenSSH has it, without options and comment. */
export interface PublicKey {
  readonly type: string;
  readonly base64: string;
  /** `SHA256:…`. */
  readonly fingerprint: string;
}

/** What a Mac's own key can be (host/ssh/private-key.ts). */
const types: readonly string[] = [
  'ssh-ed25519',
  ...['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'],
  'ssh-rsa',
];

/**
 * Reads the text of a .pub file: one line of type, key and perhaps a comment, which is dropped. Whatever stands in front of the
 * type would be options of authorized_keys, and is refused. Pure; throws `key-unusable`.
 */
export function parsePublicKey(text: string): PublicKey {
  const trimmed = text.trim();
  if (trimmed.includes('PRIVATE KEY'))
    throw unusable(
      'it is a private key',
      'Give the file with .pub, and make a new pair if others have seen this.',
    );
  if (/[\r\n]/.test(trimmed)) throw unusable('it has more than one line', 'Give one key at a time.');
  const [type = '', base64 = ''] = trimmed.split(/[ \t]+/);
  if (!types.includes(type))
    throw unusable(
      `it does not begin with a type of key (${types.join(', ')})`,
      'Give the line of id_ed25519.pub as it is, with nothing in front.',
    );
  const blob = Buffer.from(base64, 'base64');
  // Node decodes leniently; a damaged key must not become another key.
  if (blob.toString('base64').replace(/=+$/, '') !== base64.replace(/=+$/, '') || typeOfBlob(blob) !== type)
    throw unusable(`it is not a whole key of the type ${type}`, 'Copy the line anew, whole.');
  if (type === 'ssh-ed25519' && blob.length !== 51)
    throw unusable(`it is not a whole key of the type ${type}`, 'Copy the line anew, whole.');
  return { type, base64, fingerprint: fingerprint(blob) };
}

function unusable(what: string, remedy: string): RoamhomeError {
  return new RoamhomeError({ code: 'key-unusable', message: `this is no public key: ${what}`, remedy });
}
