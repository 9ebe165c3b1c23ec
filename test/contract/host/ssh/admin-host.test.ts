import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAdminHost } from '../../../../src/host/ssh/admin-host.ts';
import { asRoot } from '../../../../src/host/as-root.ts';
import { collectOutput } from '../../../../src/host/collect-output.ts';
import type { Host } from '../../../../src/host/host.ts';
import { createLocalHost } from '../../../../src/host/local.ts';
import { applyChange } from '../../../../src/provision/apply-change.ts';
import { readEntry } from '../../../../src/provision/entry.ts';
import { startSshd, type Sshd } from '../sshd.ts';

let sshd: Sshd;
let before: readonly string[];
const sockets = () => readdirSync(tmpdir()).filter((name) => /^roamhome-.{6}$/.test(name));
beforeAll(async () => {
  sshd = await startSshd();
  before = sockets();
});
afterAll(async () => {
  await sshd.stop();
});

/** An admin whose ssh is configured like this; ssh looks for that in the account's home, whatever HOME says. */
function admin(
  configured: { readonly key?: string; readonly knownHosts?: string; readonly port?: number } = {},
): Host {
  const { options } = sshd;
  const bin = join(sshd.directory, `admin-${Math.random().toString(36).slice(2)}`);
  mkdirSync(bin);
  writeFileSync(
    join(bin, 'config'),
    `IdentityFile ${configured.key ?? options.identityFile}\nIdentitiesOnly yes\nUserKnownHostsFile ${configured.knownHosts ?? options.knownHostsFile}\nGlobalKnownHostsFile /dev/null\n`,
  );
  writeFileSync(join(bin, 'ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F ${bin}/config "$@"\n`);
  chmodSync(join(bin, 'ssh'), 0o755);
  const target = { user: options.user, address: options.address, port: configured.port ?? options.port };
  const local = createLocalHost({ name: 'this machine', path: [bin, '/usr/bin', '/bin'] });
  return createAdminHost(target, { name: 'admin@there', local, isInteractive: false });
}

async function withAdmin<T>(
  work: (host: Host) => Promise<T>,
  ...configured: Parameters<typeof admin>
): Promise<T> {
  const host = admin(...configured);
  try {
    return await work(host);
  } finally {
    await host.close();
    expect(sockets()).toEqual(before);
  }
}

const words = [
  '',
  ' ',
  '*',
  '$HOME',
  '`id`',
  "it's",
  '"q"',
  '\\',
  '~',
  '=ls',
  '#x',
  'a\nb',
  '-n',
  'ü',
  ';',
  '!!',
  '%1',
  '{a,b}',
  '\t',
];

test('every word arrives as it is, one connection for all', async () => {
  await withAdmin(async (host) => {
    const printed = await host.run(['printf', '%s\\0', ...words]);
    expect(printed).toMatchObject({ exitCode: 0, stdout: words.map((word) => `${word}\0`).join('') });
    for (const code of [1, 126, 255])
      expect(await host.run(['sh', '-c', `exit ${code}`])).toMatchObject({ exitCode: code });
    expect(sshd.connectionPids()).toHaveLength(1);
    const read = await collectOutput(await host.stream(['cat']), ['cat'], 'x'.repeat(100_000));
    expect(read.stdout).toHaveLength(100_000);
  });
});

test('files are written and looked at there as they are here', async () => {
  await withAdmin(async (host) => {
    const root = asRoot(host, ['/usr/bin', '/bin'], true);
    const path = join(sshd.directory, "it's");
    const owner = { user: sshd.options.user, group: sshd.options.user };
    const file = { path, text: '$x "y"\n', mode: 0o640, owner, check: ['grep', '-q', 'y', '{}'] as const };
    const { signal } = new AbortController();
    await applyChange(root, { kind: 'write-file', file, isNew: true }, signal);
    expect(await readEntry(root, path, signal)).toMatchObject({ kind: 'file', mode: 0o640, text: file.text });
  });
});

describe('no connection', () => {
  test.each<[string, () => Parameters<typeof admin>[0], string]>([
    ['a host key that is not known', () => ({ knownHosts: sshd.knownHosts() }), 'host-key-unknown'],
    [
      'another host key',
      () => ({
        knownHosts: sshd.knownHosts(
          `[127.0.0.1]:${sshd.port} ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl`,
        ),
      }),
      'host-key-changed',
    ],
    ['a key that is not let in', () => ({ key: sshd.userKey('ed25519', false) }), 'auth-refused'],
    ['nobody there', () => ({ port: 1 }), 'server-unreachable'],
  ])('%s', async (_name, configured, code) => {
    await withAdmin(async (host) => {
      await expect(host.run(['true'])).rejects.toMatchObject({ code });
      await expect(host.run(['true']), 'and again').rejects.toMatchObject({ code });
    }, configured());
  });
});

test('a connection that is lost', async () => {
  const host = admin();
  await host.run(['true']);
  const running = await host.stream(['cat']);
  running.stdin.write('x');
  await once(running.stdout, 'data');
  running.stdout.resume();
  for (const pid of sshd.connectionPids()) process.kill(pid, 'SIGKILL');
  await expect(running.done).rejects.toMatchObject({ code: 'connection-lost' });
  await host.close();
});

test('what sudo is asked to run', async () => {
  const ran: string[] = [];
  const run: Host['run'] = (argv) => {
    ran.push(argv.join(' '));
    return Promise.resolve({ stdout: '', stderr: '', exitCode: 0, signal: null });
  };
  const host = { name: 'x', run } as Host;
  await asRoot(host, ['/sbin', '/bin'], false).run(['zfs', 'list']);
  await asRoot(host, ['/sbin', '/bin'], true).run(['zfs', 'list']);
  expect(ran).toEqual([
    'sudo -n env PATH=/sbin:/bin LC_ALL=C zfs list',
    'env PATH=/sbin:/bin LC_ALL=C zfs list',
  ]);
});
