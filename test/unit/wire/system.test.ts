import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { rootRuns } from '../../../src/cli/install/root-runs.ts';
import { openSystem } from '../../../src/wire/system.ts';
import { defaultsFor } from '../../../src/config/defaults.ts';
import { hookBeforePath } from '../../../src/install/hooks.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'roamhome-system-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

const place = (name: string): string => join(directory, name);
function script(path: string): void {
  writeFileSync(path, '#!/bin/sh\necho "$0"\n');
  chmodSync(path, 0o755);
}
const configured = (zfsPath: readonly string[], dialogProgram?: string) => {
  const config = defaultsFor('linux', 'mac');
  return { ...config, zfsPath: [...zfsPath], progress: { ...config.progress, dialogProgram } };
};

test.each(['macos', 'linux'] as const)(
  'on %s nothing but zfs is run from where zfs is looked for: there may be a user’s programs',
  async (kind) => {
    for (const program of ['zfs', 'zpool', 'getent', 'tar', 'ps', 'dscl', 'env', 'sh', 'frobnicate'])
      script(place(program));
    const { localHost, hostAs } = openSystem(configured([directory]), kind);
    const hosts = [localHost, hostAs({ uid: process.getuid!(), gid: process.getgid!() })];
    try {
      for (const host of hosts) {
        expect((await host.run(['zfs', 'version'])).stdout).toBe(`${place('zfs')}\n`);
        expect((await host.run(['zpool', 'list'])).stdout).toBe(`${place('zpool')}\n`);
        expect((await host.run(['getent', 'passwd', 'root'])).stdout).toMatch(/^root:/);
        expect((await host.run(['tar', '--version'])).stdout).toMatch(/tar/);
        // A shell script of ours, and what others start in their turn.
        expect((await host.run(['sh', '-c', 'getent passwd root; zfs'])).stdout).toMatch(
          /^root:.*\n.*\/zfs\n$/,
        );
        expect((await host.run(['env', 'getent', 'passwd', 'root'])).stdout).toMatch(/^root:/);
        const only = { code: 'command-failed', message: expect.stringContaining('frobnicate') as string };
        await expect(host.run(['frobnicate'])).rejects.toMatchObject(only);
        await expect(host.stream(['frobnicate'])).rejects.toMatchObject(only);
        const streamed = await host.stream(['getent', 'passwd', 'root']);
        streamed.stdin.end();
        streamed.stdout.resume();
        expect((await streamed.done).exitCode).toBe(0);
      }
    } finally {
      for (const host of hosts) await host.close();
    }
  },
);

test('what root runs: Node, Roamhome, zfs as far as it is looked for, the window’s program, an earlier hook', () => {
  const [empty, full, later] = ['empty', 'full', 'later'].map(place) as [string, string, string];
  for (const each of [empty, full, later]) mkdirSync(each);
  script(join(full, 'zfs'));
  script(place('dialog'));
  const before = place(hookBeforePath('LoginHook'));
  mkdirSync(join(before, '..'), { recursive: true });
  writeFileSync(before, `${place('dialog')}\n`);
  const here = { node: '/n', program: '/p', root: directory };
  expect(rootRuns(configured([empty, full, later], place('dialog')), here)).toEqual([
    ...['/n', '/p', join(empty, 'zfs'), join(full, 'zfs')],
    ...[place('dialog'), place('dialog')],
  ]);
  const nowhere = { ...here, root: place('none') };
  expect(rootRuns(configured([empty, later], place('gone')), nowhere)).toEqual([
    ...['/n', '/p', join(empty, 'zfs'), join(later, 'zfs')],
  ]);
});
