import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { SshHostOptions } from '../../../src/host/ssh/ssh-options.ts';

/** Where Linux and macOS have it. */
export const sshKeygen = '/usr/bin/ssh-keygen';

export type KeyType = 'ed25519' | 'ecdsa' | 'rsa';

/** Stands for zfs: what a test asks for comes first in argv. No command outlives its channel for long. */
const fakeZfs = `#!/bin/sh
verb=$1; shift
case "$verb" in
  echo) echo "$@" ;;
  exit) exit "$1" ;;
  env) exec env ;;
  die) kill -9 $$ ;;
  both) echo out; echo err >&2; exit 2 ;;
  stderr) head -c "$1" /dev/zero | tr '\\0' x >&2; echo end; exit 1 ;;
  cat) echo on >&2; exec cat ;;
  sha) exec sha256sum ;;
  take) head -c "$1" >/dev/null ;;
  zeros-then-wait) head -c "$1" /dev/zero; sleep 0.3 ;;
  random) exec head -c "$1" /dev/urandom ;;
  zeros) exec head -c "$1" /dev/zero ;;
  spew) echo on >&2; exec cat /dev/zero ;;
  stall) echo on >&2; exec tail -f /dev/null --pid=$PPID ;;
esac
`;

/** A real sshd on loopback, as the user who runs the tests. */
export interface Sshd {
  readonly directory: string;
  readonly port: number;
  /** What reaches it with an accepted key. */
  readonly options: SshHostOptions;
  /** `type base64` of its public host key of this type. */
  hostKey(type: KeyType): string;
  /** Writes a known_hosts file and returns its path. */
  knownHosts(...lines: readonly string[]): string;
  /** A key pair that the server accepts, or does not. Returns the path of the private half. */
  userKey(type: KeyType, accepted: boolean): string;
  /** All that it has logged so far. */
  log(): string;
  /** Resolves as soon as the log matches. */
  logged(pattern: RegExp): Promise<void>;
  /** The processes that serve its connections. */
  connectionPids(): readonly number[];
  stop(): Promise<void>;
}

/** Starts sshd with these lines more in its configuration. */
export async function startSshd(lines: readonly string[] = []): Promise<Sshd> {
  const directory = mkdtempSync(join(tmpdir(), 'roamhome-sshd-'));
  // sshd wants it for its privilege separation.
  mkdirSync('/run/sshd', { recursive: true });
  const bin = join(directory, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'zfs'), fakeZfs);
  chmodSync(join(bin, 'zfs'), 0o755);
  const authorizedKeys = join(directory, 'authorized_keys');
  writeFileSync(authorizedKeys, '');
  const hostKeys = (['ed25519', 'ecdsa', 'rsa'] as const).map((type) =>
    makeKey(join(directory, `host_${type}`), type),
  );

  function hostKey(type: KeyType): string {
    return publicHalf(join(directory, `host_${type}`));
  }

  let files = 0;
  function knownHosts(...text: readonly string[]): string {
    files += 1;
    const file = join(directory, `known_hosts_${files}`);
    writeFileSync(file, `${text.join('\n')}\n`);
    return file;
  }

  function userKey(type: KeyType, accepted: boolean): string {
    files += 1;
    const file = makeKey(join(directory, `id_${type}_${files}`), type);
    if (accepted) writeFileSync(authorizedKeys, `${publicHalf(file)}\n`, { flag: 'a' });
    return file;
  }

  const port = await freePort();
  const configuration = [
    // First: sshd takes the first value of an option.
    ...lines,
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    ...hostKeys.map((file) => `HostKey ${file}`),
    `AuthorizedKeysFile ${authorizedKeys}`,
    'UsePAM no',
    'StrictModes no',
    'PidFile none',
    'LogLevel VERBOSE',
    'AcceptEnv LC_*',
    // HOME: the user's own shell start-up files are not to put another zfs before this one.
    `SetEnv PATH=${bin}:/usr/bin:/bin HOME=${directory}`,
  ];
  writeFileSync(join(directory, 'sshd_config'), `${configuration.join('\n')}\n`);
  const sshd = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(directory, 'sshd_config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const log = followLog(sshd);
  await log.matches(/Server listening/);

  return {
    directory,
    port,
    options: {
      address: '127.0.0.1',
      port,
      user: userInfo().username,
      identityFile: userKey('ed25519', true),
      knownHostsFile: knownHosts(`[127.0.0.1]:${port} ${hostKey('ed25519')}`),
    },
    hostKey,
    knownHosts,
    userKey,
    log: log.text,
    logged: log.matches,
    connectionPids: () => childrenOf(sshd.pid!),
    stop: async () => {
      const ended = once(sshd, 'exit');
      for (const pid of childrenOf(sshd.pid!)) endProcess(pid);
      sshd.kill('SIGTERM');
      await ended;
      rmSync(directory, { recursive: true });
    },
  };
}

function makeKey(file: string, type: KeyType): string {
  const size = type === 'rsa' ? ['-b', '2048'] : [];
  execFileSync(sshKeygen, ['-q', '-t', type, ...size, '-N', '', '-C', '', '-f', file]);
  return file;
}

function publicHalf(file: string): string {
  return readFileSync(`${file}.pub`, 'utf8').trim();
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function followLog(sshd: ChildProcess): { text: () => string; matches: (pattern: RegExp) => Promise<void> } {
  let text = '';
  const waiting = new Set<() => void>();
  sshd.stderr!.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    for (const look of waiting) look();
  });
  return {
    text: () => text,
    matches: (pattern) =>
      new Promise((resolve, reject) => {
        const onExit = (): void => {
          reject(new Error(`sshd ended before it logged ${String(pattern)}:\n${text}`));
        };
        const look = (): void => {
          if (!pattern.test(text)) return;
          waiting.delete(look);
          sshd.removeListener('exit', onExit);
          resolve();
        };
        sshd.once('exit', onExit);
        waiting.add(look);
        look();
      }),
  };
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM');
  } catch (error) {
    // It may have ended by itself meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean)
    .map(Number);
}
