import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defaultsFor } from '../../../src/config/defaults.ts';
import { defaultSettings } from '../../../src/cli/provision/default-settings.ts';
import { limitsOf } from '../../../src/provision/server/wanted-limits.ts';
import { serverTasks } from '../../../src/provision/server/server-tasks.ts';
import { serverSetup } from '../../../src/provision/server/wanted-server.ts';
import { bundle } from '../../support/bundle.ts';
import { sshKeygen } from '../host/sshd.ts';
import { createFakeLinux, type FakeLinux } from './fake-linux.ts';

// The system's own sshd with the rules that `provision server` writes, beside what a site has for its people.

const account = 'zfs_mobile_sync';
let program: Awaited<ReturnType<typeof bundle>>;
let fake: FakeLinux;
let sshd: { readonly port: number; readonly process: ChildProcess; log: string } | null = null;

const isRoot = process.getuid?.() === 0;
beforeAll(async () => {
  if (!isRoot) return;
  program = await bundle('simulator/main.ts');
  fake = createFakeLinux(program.path);
  expect((await provision()).failure).toBeNull();
  for (const name of ['mac', 'other', 'ca'])
    execFileSync(sshKeygen, ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', fake.at(`etc/ssh/${name}`)]);
  writeFileSync(
    fake.at(`var/lib/${account}/.ssh/authorized_keys`),
    `restrict,command="echo the gate" ${publicKey('mac').replace(/ mac$/, ' roamhome:mac added 2026-11-01')}\n`,
  );
  writeFileSync(fake.at('etc/ssh/site-keys'), '#!/bin/sh\ncat /etc/ssh/other.pub\n');
  chmodSync(fake.at('etc/ssh/site-keys'), 0o755);
  execFileSync(sshKeygen, [
    ...['-q', '-s', fake.at('etc/ssh/ca'), '-I', 'somebody', '-n', account, '-V', '+1h'],
    fake.at('etc/ssh/other.pub'),
  ]);
}, 120_000);
afterAll(async () => {
  await stop();
  if (!isRoot) return;
  fake.remove();
  program.remove();
});

const publicKey = (name: string): string => readFileSync(fake.at(`etc/ssh/${name}.pub`), 'utf8').trim();

function provision() {
  const setup = serverSetup('data', { user: account, group: account, restriction: 'gate', because: 'x' });
  return fake.run(
    serverTasks(fake.machine, setup, {
      ...{
        isExact: false,
        defaults: defaultSettings('linux'),
        local: ['roamhome'],
        limits: limitsOf(defaultsFor('linux', 'x').roots),
      },
    }),
  );
}

/** Starts it on loopback, with these lines of the site's own. It sees the machine's /etc. */
async function start(site: readonly string[], file = 'zz-site.conf'): Promise<void> {
  await stop();
  const port = await freePort();
  for (const each of ['00-site.conf', 'zz-site.conf'])
    writeFileSync(fake.at(`etc/ssh/sshd_config.d/${each}`), each === file ? `${site.join('\n')}\n` : '');
  const words = ['-D', '-e', '-p', String(port), '-o', 'ListenAddress=127.0.0.1', '-o', 'PidFile=none'];
  const started = fake.spawnIn(['/usr/sbin/sshd', ...words]);
  const now = { port, process: started, log: '' };
  sshd = now;
  started.stderr!.on('data', (chunk: Buffer) => (now.log += chunk.toString()));
  await expect.poll(() => now.log, { timeout: 10_000 }).toMatch(/Server listening/);
}

async function stop(): Promise<void> {
  if (sshd?.process.exitCode !== null) return;
  const ended = once(sshd.process, 'exit');
  sshd.process.kill('SIGTERM');
  await ended;
  sshd = null;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** What a client with this key gets when it asks for `id`. */
async function logIn(key: 'mac' | 'other', env: Readonly<Record<string, string>> = {}) {
  const client = spawn(
    'ssh',
    [
      ...['-F', 'none', '-i', fake.at(`etc/ssh/${key}`), '-p', String(sshd!.port)],
      ...[
        'BatchMode=yes',
        'StrictHostKeyChecking=no',
        'UserKnownHostsFile=/dev/null',
        'LogLevel=ERROR',
      ].flatMap((option) => ['-o', option]),
      ...Object.keys(env).flatMap((name) => ['-o', `SendEnv=${name}`]),
      ...['-o', 'IdentitiesOnly=yes', `${account}@127.0.0.1`, 'id; env'],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: '/usr/bin:/bin', ...env } },
  );
  let [stdout, stderr] = ['', ''];
  client.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  client.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(client, 'close')) as [number | null];
  return { code, stdout, stderr };
}

const siteKeys = ['AuthorizedKeysCommand /etc/ssh/site-keys', 'AuthorizedKeysCommandUser nobody'];
const siteCa = ['TrustedUserCAKeys /etc/ssh/ca.pub'];

describe.runIf(isRoot)('what a site has sshd do for its people lets nobody into the account', () => {
  test.each([
    ['keys of a directory service', siteKeys],
    ['certificates of the site', siteCa],
    [
      'certificates for principals',
      [
        ...siteCa,
        'AuthorizedPrincipalsCommand /bin/echo zfs_mobile_sync',
        'AuthorizedPrincipalsCommandUser nobody',
      ],
    ],
  ])('%s', async (_what, site) => {
    await start(site);
    expect(await logIn('other')).toMatchObject({
      ...{ code: 255, stdout: '' },
      stderr: expect.stringContaining('Permission denied (publickey)') as string,
    });
    expect(await logIn('mac')).toMatchObject({ code: 0, stdout: 'the gate\n' });
  });

  test('nor does a command of the site’s run in place of the gate', async () => {
    await start(['ForceCommand id']);
    expect(await logIn('mac')).toMatchObject({ code: 0, stdout: 'the gate\n' });
  });

  test('nor does a client set variables for what stands before its key', async () => {
    const keys = fake.at(`var/lib/${account}/.ssh/authorized_keys`);
    const before = readFileSync(keys, 'utf8');
    writeFileSync(keys, before.replace('echo the gate', 'env'));
    await start(['AcceptEnv NODE_* LD_*']);
    const { stdout } = await logIn('mac', { NODE_OPTIONS: '--version' });
    writeFileSync(keys, before);
    expect(stdout).toContain('SSH_ORIGINAL_COMMAND=');
    expect(stdout).not.toContain('NODE_OPTIONS');
  });

  test('what a block before ours says is told, with what it lets in', async () => {
    await start([]);
    expect((await provision()).report.left).toEqual([]);
    await start(['Match all', ...siteKeys.map((line) => `  ${line}`)], '00-site.conf');
    expect((await logIn('other')).stdout).toContain(account);
    expect((await provision()).report.left).toEqual([
      expect.stringMatching(
        /^for zfs_mobile_sync sshd has AuthorizedKeysCommand \/etc\/ssh\/site-keys, not none: a key that it gives lets somebody in past the restriction\. /,
      ),
    ]);
  });

  test('a block that an older version wrote is brought up to date', async () => {
    const path = fake.at('etc/ssh/sshd_config.d/roamhome.conf');
    const now = readFileSync(path, 'utf8');
    writeFileSync(path, `Match User ${account}\n  PasswordAuthentication no\n`);
    await start(siteKeys);
    expect((await logIn('other')).stdout).toContain(account);
    await stop();
    expect((await provision()).failure).toBeNull();
    expect(readFileSync(path, 'utf8')).toBe(now);
  });
});
