import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { createPublicKey } from 'node:crypto';
import ssh2, { type ParsedKey } from 'ssh2';
import { RoamhomeError } from '../errors/errors.ts';
import { errnoOf } from './command-errors.ts';
import { fingerprint } from './known-hosts.ts';
import { shellWord } from './shell-word.ts';

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

/** The most that a key file is read to: a 16384-bit RSA key takes 13 KiB. */
const SIZE_LIMIT_BYTES = 64 * 1024;

/**
 * Reads the private key (ed25519, ecdsa or rsa; OpenSSH or PEM format) with which this Mac logs in to the server.
 * Throws `key-unusable`; the key itself is in no message.
 */
export function loadPrivateKey(file: string): PrivateKey {
  const text = readGuarded(file);
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

/** Checks the file that was opened, not its path: the two could be different files a moment later. */
function readGuarded(file: string): string {
  let descriptor: number;
  try {
    // O_NONBLOCK: a pipe in the key's place must not hold up a login.
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    throw unopened(file, cause);
  }
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile()) throw unparsable(file, 'not a file');
    const { mode, uid, size } = status;
    const ownUid = process.getuid?.();
    if (uid !== 0 && uid !== ownUid) {
      const command = `chown ${ownUid === 0 ? 'root' : String(ownUid)} ${shellWord(file)}`;
      throw unusable(`${file} belongs to user id ${uid}, who could replace it`, command, {
        commands: [command],
      });
    }
    if ((mode & 0o077) !== 0) {
      const octal = (mode & 0o777).toString(8).padStart(4, '0');
      const command = `chmod 600 ${shellWord(file)}`;
      throw unusable(`others than its owner can get at ${file} (mode ${octal})`, command, {
        commands: [command],
      });
    }
    if (size > SIZE_LIMIT_BYTES) throw unparsable(file, 'too large');
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}

function unopened(file: string, cause: unknown): RoamhomeError {
  const errno = errnoOf(cause);
  if (errno === 'ENOENT') {
    return unusable(
      `there is no key in ${file}`,
      `Make one (ssh-keygen -t ed25519 -N '' -f ${shellWord(file)}) and let the server's admin authorize its .pub file.`,
      { commands: [`ssh-keygen -t ed25519 -N '' -f ${shellWord(file)}`], cause },
    );
  }
  return unusable(
    `cannot read ${file}: ${errno ?? String(cause)}`,
    'Run as root, or correct the permissions.',
    { cause },
  );
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
