import { isRoamhomeError, RoamhomeError } from '../../errors/errors.ts';
import { splitKeyLine } from './key-line.ts';
import { parsePublicKey, type PublicKey } from './public-key.ts';

/** A line of authorized_keys with a key in it. */
export interface AuthorizedKey extends PublicKey {
  /** The Mac that it was added for; null: a line of somebody else's. */
  readonly mac: string | null;
  /** As sshd has it: `restrict`, `restrict,command="…"`, or ''. */
  readonly options: string;
  /** The day that it was added, as 2026-11-26; null where that is not known. */
  readonly added: string | null;
  readonly comment: string;
}

/** Every line of the file: those without a key (comments, blanks, what sshd would not read) as they are. */
export interface AuthorizedLine {
  readonly text: string;
  readonly key: AuthorizedKey | null;
}

/** Takes the file apart. Pure. */
export function parseAuthorizedKeys(text: string): readonly AuthorizedLine[] {
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  return lines.map((line) => ({ text: line, key: parseLine(line.trim()) }));
}

function parseLine(line: string): AuthorizedKey | null {
  const split = splitKeyLine(line);
  return split === null ? null : parseKeyFields(split.options, split.fields);
}

function parseKeyFields(options: string, fields: string): AuthorizedKey | null {
  try {
    const key = parsePublicKey(fields);
    const comment = fields
      .split(/[ \t]+/)
      .slice(2)
      .join(' ');
    const [, mac = null, added = null] = /^roamhome:(\S+) added (\d{4}-\d\d-\d\d)$/.exec(comment) ?? [];
    return { ...key, mac, options, added, comment };
  } catch (error) {
    if (isRoamhomeError(error, 'key-unusable')) return null;
    throw error;
  }
}

/** A key that is to be let in, and how. */
export interface WantedKey {
  readonly mac: string;
  readonly key: PublicKey;
  readonly options: string;
}

/**
 * The file with this key in it, by this name; the same text when it is so already. Pure; throws `in-the-way` where the name has
 * another key, or the key another name.
 */
export function withKey(text: string, { mac, key, options }: WantedKey, today: string): string {
  const lines = parseAuthorizedKeys(text);
  const line = `${options} ${key.type} ${key.base64} roamhome:${mac} added ${today}`;
  const named = lines.find((one) => one.key?.mac === mac)?.key;
  if (named !== undefined && named !== null) {
    if (named.base64 !== key.base64) throw nameTaken(mac, named);
    if (named.options === options) return text;
    return joined(
      lines.map((one) => (one.key === named ? line.replace(/\S+$/, named.added ?? today) : one.text)),
    );
  }
  const other = lines.find((one) => one.key?.base64 === key.base64)?.key;
  if (other !== undefined && other !== null) {
    if (other.mac !== null) throw keyTaken(other);
    // One that was put in by hand becomes the Mac's.
    return joined(lines.map((one) => (one.key === other ? line : one.text)));
  }
  return joined([...lines.map((one) => one.text), line]);
}

/** Whether it is the key of a Mac by this name, or has this fingerprint: a key that somebody else put in has no name. Pure. */
export function isKeyOf({ mac, fingerprint }: AuthorizedKey, nameOrFingerprint: string): boolean {
  return mac === nameOrFingerprint || fingerprint === nameOrFingerprint;
}

/** The file without the keys of this name or fingerprint; the same text when there is none. Pure. */
export function withoutKey(text: string, nameOrFingerprint: string): string {
  const lines = parseAuthorizedKeys(text);
  const rest = lines.filter(({ key }) => key === null || !isKeyOf(key, nameOrFingerprint));
  return rest.length === lines.length ? text : joined(rest.map((one) => one.text));
}

/** `restrict`: no forwarding, no terminal, no agent, no rc file, and what sshd may think of later. Pure. */
export function keyOptions(command: readonly string[] | null): string {
  return command === null ? 'restrict' : `restrict,command="${command.join(' ')}"`;
}

function joined(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

function nameTaken(mac: string, { fingerprint }: PublicKey): RoamhomeError {
  return new RoamhomeError({
    code: 'in-the-way',
    message: `${mac} has another key on the server: ${fingerprint}`,
    remedy: `If that Mac has a new key: roamhome provision key revoke ${mac}, then add it again. Else choose another name.`,
  });
}

function keyTaken({ mac, fingerprint }: AuthorizedKey): RoamhomeError {
  return new RoamhomeError({
    code: 'in-the-way',
    message: `this key (${fingerprint}) is on the server already, as that of ${mac ?? ''}`,
    remedy: 'Each Mac has a key of its own: make one on it (roamhome provision client), and add that.',
  });
}
