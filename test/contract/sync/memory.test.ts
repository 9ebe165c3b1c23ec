import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundle } from '../../support/bundle.ts';
import { startSshd, type Sshd } from '../host/sshd.ts';

const gibibyte = 2 ** 30;

let sshd: Sshd;
let parts: Awaited<ReturnType<typeof bundle>>;

beforeAll(async () => {
  sshd = await startSshd();
  parts = await bundle('host/local.ts', 'host/ssh/ssh.ts', 'sync/transfer.ts');
});

afterAll(async () => {
  parts.remove();
  await sshd.stop();
});

/** Run in a process of its own, so that what is measured is the transfer's memory and not the test's. */
const program = `
const [, , parts, options, direction, bin] = process.argv;
const { createLocalHost, createSshHost, transfer } = await import(parts);
const local = createLocalHost({ name: 'here', path: [bin, '/usr/bin', '/bin'] });
const server = createSshHost(JSON.parse(options));
const [source, sink] = direction === 'push' ? [local, server] : [server, local];
const { bytes } = await transfer({
  source, sink,
  send: ['zfs', 'zeros', '${gibibyte}'],
  receive: ['zfs', 'sha'],
  arrivedBytes: 0n,
  stallMs: 30000,
  signal: new AbortController().signal,
  onProgress: () => undefined,
});
await server.close();
await local.close();
console.log(JSON.stringify({ bytes, peakMebibytes: process.resourceUsage().maxRSS / 1024 }));
`;

test.each(['push', 'pull'])('a %s of 1 GiB needs less than 200 MiB of memory', async (direction) => {
  const script = join(sshd.directory, 'memory.mjs');
  writeFileSync(script, program);
  const { stdout } = await promisify(execFile)(process.execPath, [
    script,
    parts.path,
    JSON.stringify(sshd.options),
    direction,
    join(sshd.directory, 'bin'),
  ]);
  const { bytes, peakMebibytes } = JSON.parse(stdout) as { bytes: number; peakMebibytes: number };
  expect(bytes).toBe(gibibyte);
  expect(peakMebibytes).toBeLessThan(200);
  console.log(`${direction} of 1 GiB: peak ${peakMebibytes.toFixed(0)} MiB`);
});
