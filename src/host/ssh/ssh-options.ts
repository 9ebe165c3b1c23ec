/** How to reach a server. */
export interface SshHostOptions {
  /** A host name or an IP address (IPv6 without brackets). Also what known_hosts is searched for. */
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** Path of the private key. */
  readonly identityFile: string;
  /** Path of the known_hosts file. If there is none, no server is known. */
  readonly knownHostsFile: string;
  /** For looking up the name, TCP, key exchange, login and all retries together. Milliseconds; default 10 000. */
  readonly connectTimeoutMs?: number;
  /** A quiet server is asked for a sign of life this often. Milliseconds; default 15 000. */
  readonly keepaliveIntervalMs?: number;
  /** The connection is lost when this many questions in a row brought no byte. Default 3. */
  readonly keepaliveCountMax?: number;
  /** For the jitter between attempts: from 0 up to 1. Default Math.random. */
  readonly random?: () => number;
}

export type ResolvedSshOptions = Required<SshHostOptions>;

/** Fills in the defaults. */
export function resolveSshOptions(options: SshHostOptions): ResolvedSshOptions {
  return {
    connectTimeoutMs: 10_000,
    keepaliveIntervalMs: 15_000,
    keepaliveCountMax: 3,
    random: Math.random,
    ...options,
  };
}

/** `address:port`, with the brackets that an IPv6 address needs. */
export function hostAndPort({ address, port }: { readonly address: string; readonly port: number }): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
