import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, expect, test } from 'vitest';
import { defaultsFor } from '../../../src/config/defaults.ts';

const script = fileURLToPath(new URL('../../../scripts/demo.mjs', import.meta.url));
let temporary: string;

beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), 'demo-test-'));
  return () => {
    rmSync(temporary, { recursive: true });
  };
});

interface Told {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the demo; sends SIGINT as soon as it has told `stopAt`. It has ended when nothing of it listens any more. */
async function demo(args: readonly string[], stopAt?: RegExp): Promise<Told> {
  const child = spawn(process.execPath, [script, ...args], {
    env: { TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    const before = stopAt?.test(stdout);
    stdout += chunk.toString();
    if (before === false && stopAt?.test(stdout) === true) child.kill('SIGINT');
  });
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

test('the demo tells its story to the end, with real files over real SSH, and leaves nothing', async () => {
  const { code, stdout, stderr } = await demo([]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const steps = [
    /mac-a\$ roamhome logout alice\n {4}logout of alice: sent \d+ B/,
    /127\.0\.0\.1: zfs send -P -v -L -e -c/,
    /mac-b\$ roamhome login alice\n {4}login of alice: received \d+ B, home mounted/,
    /logout of alice: not synced, pending, nothing is lost, 1 problem\n {4}\(exit code 69\)/,
    /Your\s+last\s+session\s+on\s+mac-b\s+has\s+not\s+reached\s+the\s+server\s+yet/,
    /is kept: here as\s+data\/profiles-conflicts\/alice-mac-b-\S+, and on the server as/,
    /\n {4}\(exit code 10\)/,
    / {4}Call me Ishmael\.\n {4}It is a way I have .*\n {4}Some years ago .*\n\nOn the server/,
    / {4}data\/profiles-conflicts\/alice-mac-b-\S+\n\nYou have seen/,
    /\.\/scripts\/demo --lab/,
  ];
  let told = 0;
  for (const step of steps) {
    const found = step.exec(stdout.slice(told));
    expect(found, String(step)).not.toBeNull();
    told += (found?.index ?? 0) + 1;
  }
  expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  expect(stdout).not.toContain('\u001b');
  expect(readdirSync(temporary)).toEqual([]);
});

test('stopped with Ctrl-C it says so and leaves nothing', async () => {
  const { code, stdout, stderr } = await demo([], /mac-b\$ roamhome login alice/);
  expect({ code, stderr }).toEqual({ code: 75, stderr: 'demo: stopped by SIGINT\n' });
  expect(stdout).not.toContain('The server is away');
  expect(readdirSync(temporary)).toEqual([]);
});

const zpoolIsHere = defaultsFor('linux', '').zfsPath.some((path) => existsSync(join(path, 'zpool')));

test.skipIf(zpoolIsHere)('--zfs says in a line what is missing here', async () => {
  const { code, stdout, stderr } = await demo(['--zfs']);
  expect({ code, stdout }).toEqual({ code: process.geteuid?.() === 0 ? 71 : 77, stdout: '' });
  expect(stderr).toMatch(/^demo: --zfs (needs OpenZFS|makes pools).*\n$/);
  expect(readdirSync(temporary)).toEqual([]);
});

test('any other stage is bad usage', async () => {
  expect(await demo(['--moon'])).toMatchObject({ code: 64, stdout: '' });
});
