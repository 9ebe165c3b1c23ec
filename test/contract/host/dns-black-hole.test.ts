import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundle } from '../../support/bundle.ts';
import { startSshd, type Sshd } from './sshd.ts';

const namespace = `roamhome-dns-${process.pid}`;
const ip = (...words: readonly string[]): void => void execFileSync('ip', words);

let parts: Awaited<ReturnType<typeof bundle>>;
let sshd: Sshd;

// A namespace whose name server is a neighbour that never answers: packets vanish, as behind a firewall that drops.
beforeAll(async () => {
  sshd = await startSshd();
  parts = await bundle('host/ssh/ssh.ts');
  mkdirSync(`/etc/netns/${namespace}`, { recursive: true });
  writeFileSync(
    `/etc/netns/${namespace}/resolv.conf`,
    'nameserver 10.99.99.1\noptions timeout:30 attempts:2\n',
  );
  ip('netns', 'add', namespace);
  ip('-n', namespace, 'link', 'add', 'one', 'type', 'veth', 'peer', 'name', 'other');
  for (const end of ['lo', 'one', 'other']) ip('-n', namespace, 'link', 'set', end, 'up');
  ip('-n', namespace, 'addr', 'add', '10.99.99.2/24', 'dev', 'one');
  ip(
    '-n',
    namespace,
    'neigh',
    'add',
    '10.99.99.1',
    'lladdr',
    '02:00:00:00:00:01',
    'dev',
    'one',
    'nud',
    'permanent',
  );
});

afterAll(async () => {
  ip('netns', 'del', namespace);
  rmSync(`/etc/netns/${namespace}`, { recursive: true });
  parts.remove();
  await sshd.stop();
});

const program = `
const [, , parts, options] = process.argv;
const { createSshHost } = await import(parts);
const host = createSshHost({ ...JSON.parse(options), address: 'server.example', connectTimeoutMs: 1000 });
try { await host.connect(); } catch (error) { console.log(error.code); }
await host.close();
`;

test('a name server that never answers holds neither the connection nor the process beyond the limit', async () => {
  const script = join(sshd.directory, 'connect.mjs');
  writeFileSync(script, program);
  const started = performance.now();
  const argv = [
    'netns',
    'exec',
    namespace,
    process.execPath,
    script,
    parts.path,
    JSON.stringify(sshd.options),
  ];
  const child = spawn('ip', argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await once(child, 'close');
  expect(output).toBe('server-unreachable\n');
  // glibc alone gives up after a minute.
  expect(performance.now() - started).toBeLessThan(30_000);
});
