import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A real slapd with no more than Debian's schemas, on loopback. */
export interface Slapd {
  /** Without encryption. */
  readonly url: string;
  readonly tlsUrl: string;
  /** The certificate is for `localhost` alone. */
  readonly misnamedUrl: string;
  readonly caFile: string;
  readonly otherCaFile: string;
  readonly secretFile: string;
  readonly directory: string;
  /** As `ldapsearch` prints it: one line per attribute, without comments. */
  search(base: string, filter: string, ...attributes: readonly string[]): string;
  /** Adds what an LDIF says, as root. */
  add(ldif: string): void;
  stop(): Promise<void>;
  start(): Promise<void>;
  remove(): Promise<void>;
}

export const base = 'dc=school,dc=example';
export const rootDn = `cn=admin,${base}`;
export const secret = 'correct horse';
/** May read all and write nothing. */
export const readerDn = `cn=reader,${base}`;

/** The group and what users are below, as a school's directory has them. */
export const tree = [
  `dn: ou=people,${base}`,
  'objectClass: organizationalUnit',
  'ou: people',
  '',
  `dn: ou=groups,${base}`,
  'objectClass: organizationalUnit',
  'ou: groups',
  '',
  `dn: cn=zfs_mobile_sync,ou=groups,${base}`,
  'objectClass: posixGroup',
  'cn: zfs_mobile_sync',
  'gidNumber: 2500',
  '',
].join('\n');

/** Makes one with the base and `cn=reader` alone, and starts it. Where somebody else takes its port meanwhile, it gets another. */
export async function createSlapd(): Promise<Slapd> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await createOnFreePorts();
    } catch (error) {
      if (tries === 3) throw error;
    }
  }
}

async function createOnFreePorts(): Promise<Slapd> {
  const directory = mkdtempSync(join(tmpdir(), 'roamhome-slapd-'));
  const at = (name: string): string => join(directory, name);
  mkdirSync(at('db'), { mode: 0o700 });
  makeCertificates(directory);
  writeFileSync(at('secret'), `${secret}\n`, { mode: 0o600 });
  writeFileSync(at('slapd.conf'), configuration(directory));
  const [port, tlsPort] = [await freePort(), await freePort()];
  const url = `ldap://localhost:${port}`;
  let process: ChildProcess | null = null;
  const bind = ['-x', '-H', url, '-D', rootDn, '-y', at('password')];
  // ldap-utils take the file whole, its newline too.
  writeFileSync(at('password'), secret, { mode: 0o600 });

  const start = async (): Promise<void> => {
    process = spawn(
      '/usr/sbin/slapd',
      ['-d', '0', '-f', at('slapd.conf'), '-h', `ldap://127.0.0.1:${port} ldaps://127.0.0.1:${tlsPort}`],
      { stdio: 'ignore' },
    );
    for (let tries = 0; ; tries += 1) {
      try {
        execFileSync('ldapwhoami', bind, { stdio: 'ignore' });
        return;
      } catch (error) {
        if (tries > 200 || process.exitCode !== null) throw error;
        await delay(50);
      }
    }
  };
  const stop = async (): Promise<void> => {
    if (process?.exitCode !== null) return;
    const ended = once(process, 'exit');
    process.kill('SIGTERM');
    await ended;
    process = null;
  };
  const slapd: Slapd = {
    url,
    tlsUrl: `ldaps://localhost:${tlsPort}`,
    misnamedUrl: `ldaps://127.0.0.1:${tlsPort}`,
    caFile: at('ca.pem'),
    otherCaFile: at('other-ca.pem'),
    secretFile: at('secret'),
    directory,
    search: (from, filter, ...attributes) =>
      execFileSync('ldapsearch', [...bind, '-LLL', '-o', 'ldif-wrap=no', '-b', from, filter, ...attributes], {
        encoding: 'utf8',
      }),
    add: (ldif) => void execFileSync('ldapadd', bind, { input: ldif, stdio: ['pipe', 'ignore', 'inherit'] }),
    start,
    stop,
    remove: async () => {
      await stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  try {
    await start();
  } catch (error) {
    await slapd.remove();
    throw error;
  }
  slapd.add(
    [
      `dn: ${base}`,
      'objectClass: dcObject',
      'objectClass: organization',
      'o: School',
      'dc: school',
      '',
      `dn: ${readerDn}`,
      'objectClass: organizationalRole',
      'objectClass: simpleSecurityObject',
      'cn: reader',
      `userPassword: ${secret}`,
      '',
    ].join('\n'),
  );
  return slapd;
}

function configuration(directory: string): string {
  const schemas = ['core', 'cosine', 'inetorgperson', 'nis'];
  return [
    ...schemas.map((name) => `include /etc/ldap/schema/${name}.schema`),
    'modulepath /usr/lib/ldap',
    'moduleload back_mdb',
    `TLSCACertificateFile ${directory}/ca.pem`,
    `TLSCertificateFile ${directory}/server.pem`,
    `TLSCertificateKeyFile ${directory}/server.key`,
    'database mdb',
    `suffix "${base}"`,
    `rootdn "${rootDn}"`,
    `rootpw "${secret}"`,
    `directory ${directory}/db`,
    'maxsize 67108864',
    'dbnosync',
    'index objectClass,uid,uidNumber eq',
    `access to attrs=userPassword by anonymous auth by * none`,
    `access to * by dn.exact="${readerDn}" read by * none`,
    '',
  ].join('\n');
}

/** Two authorities, and a certificate of the first for localhost. */
function makeCertificates(directory: string): void {
  const openssl = (...words: readonly string[]): void =>
    void execFileSync('openssl', words, { cwd: directory, stdio: 'ignore' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  for (const name of ['ca', 'other-ca'])
    openssl(
      'req',
      '-x509',
      ...key,
      ...['-days', '2', '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.pem`],
    );
  openssl('req', ...key, '-subj', '/CN=localhost', '-keyout', 'server.key', '-out', 'server.csr');
  writeFileSync(join(directory, 'names'), 'subjectAltName=DNS:localhost\n');
  openssl(
    'x509',
    ...['-req', '-in', 'server.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'],
    ...['-days', '2', '-extfile', 'names', '-out', 'server.pem'],
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
