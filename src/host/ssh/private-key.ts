import { createPublicKey } from 'node:crypto';
import ssh2, { type ParsedKey } from 'ssh2';
import { RoamhomeError } from '../../errors/errors.ts';
import { errnoOf } from '../command-errors.ts';
import { fingerprint } from './known-hosts.ts';
import { readOwnFile, type Refuse } from '../own-file.ts';
import { shellWord } from '../shell-word.ts';

export interface PrivateKey {
  readonly key: ParsedKey;
  /** Of its public half: `SHA256:…`. Safe to show. */
  readonly fingerprint: string;
}

/** How long an RSA key is; null: it is of another type. */
export function rsaBits({ key }: PrivateKey): number | null {
  const jwk = createPublicKey(key.getPublicPEM()).asymmetricKeyDetails;
  return jwk?.modulusLength ?? null;
}

/**
 * Reads the private key (ed25519, ecdsa or rsa; OpenSSH or PEM format) with which this Mac logs in to the server.
 * Throws `key-unusable`; the key itself is in no message.
 */
export function loadPrivateKey(file: string): PrivateKey {
  const text = readOwnFile(file, unopened(file));
  const parsed: ParsedKey | Error | readonly ParsedKey[] = ssh2.utils.parseKey(text);
  const key = Array.isArray(parsed) ? (parsed as readonly ParsedKey[])[0] : parsed;
  if (key === undefined || key instanceof Error) throw unparsable(file, key?.message ?? '');
  if (!key.isPrivateKey()) {
    throw unusable(
      `${file} is a public key`,
      'Configure the file without .pub: the private half of the pair.',
    );
  }
  return { key, fingerprint: fingerprint(key.getPublicSSH()) };
}

/** A key that is not there has a remedy of its own: to make one. */
function unopened(file: string): Refuse {
  return (message, remedy, more) =>
    errnoOf(more.cause) === 'ENOENT'
      ? unusable(
          `there is no key in ${file}`,
          `Make one (ssh-keygen -t ed25519 -N '' -f ${shellWord(file)}) and let the server's admin authorize its .pub file.`,
          { ...more, commands: [`ssh-keygen -t ed25519 -N '' -f ${shellWord(file)}`] },
        )
      : unusable(message, remedy, more);
}

/** ssh2's reasons name the format, never the content; what it was parsing is not attached as a cause all the same. */
function unparsable(file: string, reason: string): RoamhomeError {
  if (/encrypted|passphrase/i.test(reason)) {
    return unusable(
      `the key in ${file} is locked with a passphrase, and nobody is there to type it`,
      `Remove the passphrase: ssh-keygen -p -N '' -f ${shellWord(file)}`,
      { commands: [`ssh-keygen -p -N '' -f ${shellWord(file)}`] },
    );
  }
  return unusable(
    `${file} is not a private key that Roamhome can read (ed25519, ecdsa or rsa, in OpenSSH or PEM format)`,
    `Convert it (ssh-keygen -p -N '' -f ${shellWord(file)}), or make a new one.`,
  );
}

function unusable(
  message: string,
  remedy: string,
  more: { readonly commands?: readonly string[]; readonly cause?: unknown } = {},
): RoamhomeError {
  return new RoamhomeError({ code: 'key-unusable', message, remedy, ...more });
}
