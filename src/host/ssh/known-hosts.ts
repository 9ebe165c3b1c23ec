import { createHash, createHmac } from 'node:crypto';
import { RoamhomeError } from '../../errors/errors.ts';

/** One line of a known_hosts file that names a key (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export interface KnownHostEntry {
  readonly marker: 'none' | 'revoked' | 'cert-authority';
  readonly hosts: HostPatterns;
  readonly keyType: string;
  /** The public key in SSH's wire format. */
  readonly keyBlob: Buffer;
}

export type HostPatterns =
  | { readonly kind: 'plain'; readonly patterns: readonly string[] }
  | { readonly kind: 'hashed'; readonly salt: Buffer; readonly hash: Buffer };

/** `keyType keyBlob` of a key, as the server showed it or as the file has it. */
export interface HostKey {
  readonly keyType: string;
  readonly keyBlob: Buffer;
}

export type HostKeyVerdict =
  | { readonly verdict: 'known' }
  | { readonly verdict: 'unknown' }
  | { readonly verdict: 'revoked' }
  /** `expected`: the keys that the file has for this host. */
  | { readonly verdict: 'changed'; readonly expected: readonly HostKey[] };

/** Reads the text of a known_hosts file; throws `file-unreadable` with the number of a line that it cannot read. */
export function parseKnownHosts(text: string, file: string): readonly KnownHostEntry[] {
  return text.split('\n').flatMap((line, index) => {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) return [];
    return [parseLine(trimmed, `${file}, line ${index + 1}`)];
  });
}

function parseLine(line: string, where: string): KnownHostEntry {
  const fields = line.split(/[ \t]+/);
  const marker = parseMarker(fields, where);
  const [hosts, keyType, base64] = fields;
  if (hosts === undefined || keyType === undefined || base64 === undefined) {
    throw unreadable(where, 'it is not `hosts keytype base64-key`');
  }
  const keyBlob = Buffer.from(base64, 'base64');
  // Node decodes base64 leniently; a damaged key must not become another key.
  if (keyBlob.toString('base64').replace(/=+$/, '') !== base64.replace(/=+$/, '')) {
    throw unreadable(where, 'its key is not base64');
  }
  if (typeOfBlob(keyBlob) !== keyType) throw unreadable(where, `its key is not of the type ${keyType}`);
  return { marker, hosts: parseHosts(hosts, where), keyType, keyBlob };
}

/** Takes the marker, if there is one, off the fields. */
function parseMarker(fields: string[], where: string): KnownHostEntry['marker'] {
  if (fields[0]?.startsWith('@') !== true) return 'none';
  const marker = fields.shift();
  if (marker === '@revoked') return 'revoked';
  if (marker === '@cert-authority') return 'cert-authority';
  throw unreadable(where, `the marker ${JSON.stringify(marker)} is not known`);
}

function parseHosts(field: string, where: string): HostPatterns {
  if (!field.includes('|')) return { kind: 'plain', patterns: field.toLowerCase().split(',') };
  const match = /^\|1\|([A-Za-z0-9+/]+=*)\|([A-Za-z0-9+/]+=*)$/.exec(field);
  const salt = Buffer.from(match?.[1] ?? '', 'base64');
  const hash = Buffer.from(match?.[2] ?? '', 'base64');
  if (salt.length !== 20 || hash.length !== 20) throw unreadable(where, 'its hashed host name is malformed');
  return { kind: 'hashed', salt, hash };
}

/** Judges the key that a server showed. `host` as it was asked for: a name or an address, not resolved. */
export function judgeHostKey(question: {
  readonly entries: readonly KnownHostEntry[];
  readonly host: string;
  readonly port: number;
  readonly keyBlob: Buffer;
}): HostKeyVerdict {
  const { entries, host, port, keyBlob } = question;
  const matching = entries.filter((entry) => namesHost(entry.hosts, hostName(host, port)));
  const same = (entry: KnownHostEntry): boolean => entry.keyBlob.equals(keyBlob);
  if (matching.some((entry) => entry.marker === 'revoked' && same(entry))) return { verdict: 'revoked' };
  const trusted = matching.filter((entry) => entry.marker === 'none');
  if (trusted.some(same)) return { verdict: 'known' };
  // Also when only the type differs: a stranger that shows another type of key must not look like a new server.
  return trusted.length === 0 ? { verdict: 'unknown' } : { verdict: 'changed', expected: trusted };
}

/** The types of the keys that the file trusts for this host, so that the server can be asked for one of these. */
export function knownKeyTypes(
  entries: readonly KnownHostEntry[],
  host: string,
  port: number,
): readonly string[] {
  const name = hostName(host, port);
  const types = entries.filter((entry) => entry.marker === 'none' && namesHost(entry.hosts, name));
  return [...new Set(types.map((entry) => entry.keyType))];
}

/** What the file calls a host: its name alone on port 22, `[name]:port` on others. */
export function hostName(host: string, port: number): string {
  return port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;
}

/** `SHA256:…`, as ssh-keygen -l prints it. */
export function fingerprint(keyBlob: Buffer): string {
  return `SHA256:${createHash('sha256').update(keyBlob).digest('base64').replace(/=+$/, '')}`;
}

/** The key type that a key in wire format names at its start, or undefined when it is no such thing. */
export function typeOfBlob(keyBlob: Buffer): string | undefined {
  if (keyBlob.length < 4) return undefined;
  const length = keyBlob.readUInt32BE(0);
  return keyBlob.length < 4 + length ? undefined : keyBlob.toString('latin1', 4, 4 + length);
}

function namesHost(hosts: HostPatterns, name: string): boolean {
  if (hosts.kind === 'hashed') return createHmac('sha1', hosts.salt).update(name).digest().equals(hosts.hash);
  // A negated pattern wins over all others of its line, wherever it stands.
  const negated = hosts.patterns.some(
    (pattern) => pattern.startsWith('!') && matches(pattern.slice(1), name),
  );
  return !negated && hosts.patterns.some((pattern) => matches(pattern, name));
}

function matches(pattern: string, name: string): boolean {
  const source = pattern.replace(/[^*?]/g, (c) => c.replace(/[\\^$.|+()[\]{}]/, '\\$&'));
  return new RegExp(`^${source.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's').test(name);
}

function unreadable(where: string, what: string): RoamhomeError {
  return new RoamhomeError({
    code: 'file-unreadable',
    message: `${where}: ${what}`,
    remedy:
      'Correct or remove the line (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). No server is trusted until then.',
  });
}
