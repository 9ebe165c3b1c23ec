import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createKeyPair, startSshServer, type SshServer } from '../../../src/demo/ssh-server.ts';
import type { Host } from '../../../src/host/host.ts';
import { createLocalHost } from '../../../src/host/local.ts';
import { createSshHost, type SshHost } from '../../../src/host/ssh/ssh.ts';

const zfs = `#!/bin/sh
case "$1" in
  cat) exec cat ;;
  say) shift; echo "$@"; echo first >&2; printf second >&2; exit 3 ;;
  deaf) exec echo done ;;
  stay) exec sleep 60 ;;
esac
`;

// Nothing here is a command of Roamhome's: what its server takes without a gate, and how it refuses with one.
const whyRefused = (line: string): string | null => (line.includes('forbidden') ? 'it says so' : null);

let directory: string;
let local: Host;
let server: SshServer;
let client: SshHost;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'demo-ssh-'));
  writeFileSync(join(directory, 'zfs'), zfs);
  chmodSync(join(directory, 'zfs'), 0o755);
  local = createLocalHost({ name: 'server', path: [directory, '/usr/bin', '/bin'] });
  const { privateKey, publicKey } = createKeyPair();
  writeFileSync(join(directory, 'key'), privateKey, { mode: 0o600 });
  writeFileSync(join(directory, 'strange-key'), createKeyPair().privateKey, { mode: 0o600 });
  server = await startSshServer({
    host: local,
    user: 'zfs_mobile_sync',
    authorizedKeys: [{ publicKey, whyRefused }],
  });
  writeFileSync(join(directory, 'known_hosts'), `[127.0.0.1]:${server.port} ${server.hostKey}\n`);
  client = connectAs('zfs_mobile_sync', 'key');
});

afterEach(async () => {
  await client.close();
  await server.close();
  await local.close();
  rmSync(directory, { recursive: true });
});

function connectAs(user: string, key: string, connectTimeoutMs = 30_000): SshHost {
  return createSshHost({
    address: '127.0.0.1',
    port: server.port,
    user,
    identityFile: join(directory, key),
    knownHostsFile: join(directory, 'known_hosts'),
    connectTimeoutMs,
  });
}

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** OpenSSH's own client, which sends any command line. */
async function ssh(...words: readonly string[]): Promise<Ended> {
  const args = ['-F', 'none', '-i', join(directory, 'key'), '-p', String(server.port)];
  const options = ['BatchMode=yes', `UserKnownHostsFile=${directory}/known_hosts`, 'LogLevel=INFO'];
  args.push(...options.flatMap((option) => ['-o', option]), 'zfs_mobile_sync@127.0.0.1', ...words);
  const child = spawn('ssh', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, stdout, stderr };
}

test('zfs gets its words, and its output and exit code come back', async () => {
  expect(await client.run(['zfs', 'say', 'a@b', 'c=d'])).toEqual({
    stdout: 'a@b c=d\n',
    stderr: 'first\nsecond\n',
    exitCode: 3,
    signal: null,
  });
});

test('what the gate of the key refuses is not run, and is told as the gate tells it', async () => {
  expect(await client.run(['zfs', 'say', 'forbidden'])).toMatchObject({
    stdout: '',
    stderr: 'roamhome-gate: refused: it says so\n',
    exitCode: 126,
  });
});

test('a stream goes through in both directions, also to a command that reads none of it', async () => {
  const bytes = randomBytes(3_000_000);
  const echo = await client.stream(['zfs', 'cat']);
  echo.stdin.end(bytes);
  const chunks: Buffer[] = [];
  for await (const chunk of echo.stdout) chunks.push(chunk as Buffer);
  expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  expect(await echo.done).toMatchObject({ exitCode: 0 });

  const deaf = await client.stream(['zfs', 'deaf']);
  deaf.stdin.on('error', () => undefined);
  deaf.stdin.end(bytes);
  deaf.stdout.resume();
  expect(await deaf.done).toMatchObject({ exitCode: 0 });
});

test.each([
  'id',
  'zfs say a; id',
  'zfs say $(id)',
  'zfs say a | id',
  'zfs say "a b"',
  '/sbin/zfs say a',
  'zfs  say',
])('refused: %s', async (line) => {
  const { status, stdout, stderr } = await ssh(line);
  expect({ status, stdout }).toEqual({ status: 255, stdout: '' });
  expect(stderr).toMatch(/exec request failed/);
});

test('to OpenSSH it is a server like others; there is no shell on it', async () => {
  expect(await ssh('zfs', 'say', 'hello')).toEqual({
    status: 3,
    stdout: 'hello\n',
    stderr: 'first\nsecond\n',
  });
  expect(await ssh()).toMatchObject({ status: 255, stdout: '' });
});

test.each([
  ['another key', 'zfs_mobile_sync', 'strange-key'],
  ['another account', 'root', 'key'],
])('%s is refused', async (_name, user, key) => {
  await expect(connectAs(user, key).connect()).rejects.toMatchObject({ code: 'auth-refused' });
});

test('a silent server lets new connections run into their time limit, until it speaks again', async () => {
  server.setSilent(true);
  const hurried = connectAs('zfs_mobile_sync', 'key', 500);
  await expect(hurried.connect()).rejects.toMatchObject({ code: 'server-unreachable' });
  await hurried.close();
  server.setSilent(false);
  const again = connectAs('zfs_mobile_sync', 'key');
  expect(await again.run(['zfs', 'deaf'])).toMatchObject({ stdout: 'done\n' });
  await again.close();
});

test('when it closes, its commands end and nothing listens any more', async () => {
  const staying = await client.stream(['zfs', 'stay']);
  const lost = expect(staying.done).rejects.toMatchObject({ code: 'connection-lost' });
  await server.close();
  await lost;
  await local.close();
  await expect(connectAs('zfs_mobile_sync', 'key').connect()).rejects.toMatchObject({
    message: expect.stringContaining('refuses connections') as string,
  });
  server = await startSshServer({ host: local, user: 'nobody', authorizedKeys: [] });
});
