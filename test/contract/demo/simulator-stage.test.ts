import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LoadedConfig } from '../../../src/config/merge.ts';
import { Cleanup } from '../../../src/demo/cleanup.ts';
import { simulatorStage } from '../../../src/demo/simulator-stage.ts';
import { createLocalHost } from '../../../src/host/local.ts';
import { wireServer } from '../../../src/wire/session.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { bundle } from '../../support/bundle.ts';

let program: Awaited<ReturnType<typeof bundle>>;
let temporary: string;

beforeEach(async () => {
  program = await bundle('simulator/main.ts');
  temporary = mkdtempSync(join(tmpdir(), 'demo-stage-'));
  vi.stubEnv('TMPDIR', temporary);
});

afterEach(() => {
  vi.unstubAllEnvs();
  program.remove();
  rmSync(temporary, { recursive: true });
});

/** What Roamhome reads on mac-a. */
async function configOnMacA(): Promise<LoadedConfig> {
  const [directory = ''] = readdirSync(temporary);
  const file = join(temporary, directory, 'mac-a/config.json');

  return loadConfig({ kind: 'linux', hostName: 'x', file, trustOnlyRoot: false });
}

test('the Macs have on the server what is delegated to them, and no more; it all goes in the end', async () => {
  const cleanup = new Cleanup();
  const { server, macA } = await simulatorStage(program.path, cleanup, new AbortController().signal);
  const remote = wireServer(await configOnMacA());
  expect(await remote.run(['zfs', 'list', '-Hp', '-o', 'name', 'data/profiles'])).toMatchObject({
    ...{ exitCode: 0, stdout: 'data/profiles\n' },
  });
  // The gate is before it.
  expect(await remote.run(['zfs', 'create', 'data/profiles/alice'])).toMatchObject({
    ...{ exitCode: 126, stderr: 'roamhome-gate: refused: it is no command of Roamhome\n' },
  });
  // And past it there is what ZFS lets the account do.
  const path = [join(temporary, readdirSync(temporary)[0] ?? '', 'server/delegated'), '/usr/bin', '/bin'];
  const account = createLocalHost({ name: 'server', path });
  expect(await account.run(['zfs', 'create', '-o', 'canmount=off', 'data/profiles/alice'])).toMatchObject({
    exitCode: 0,
  });
  expect(await account.run(['zfs', 'destroy', 'data/profiles/alice'])).toMatchObject({
    exitCode: 1,
    stderr: "cannot destroy 'data/profiles/alice': permission denied\n",
  });
  await account.close();
  expect((await server.run(['zfs', 'list', '-H', '-o', 'name', '-r', 'data/profiles'])).text).toBe(
    'data/profiles\ndata/profiles/alice\n',
  );
  expect((await macA.run(['zfs', 'list', '-H', '-o', 'name', '-r', 'data/profiles'])).text).toBe(
    'data/profiles\n',
  );
  await remote.close();
  expect(await cleanup.run()).toEqual([]);
  expect(readdirSync(temporary)).toEqual([]);
});
