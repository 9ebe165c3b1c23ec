import { chmodSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Checked } from '../../../src/doctor/finding.ts';
import { bundleProgram, createFakeSystem, type FakeSystem } from './fake-system.ts';

const thin = '/Library/LaunchDaemons/org.roamhome.thin.plist';
const hooks = '/Library/Application Support/roamhome/hooks';

describe.runIf(process.getuid?.() === 0)('doctor on a Mac', () => {
  let mac: FakeSystem;
  let program: Awaited<ReturnType<typeof bundleProgram>>;
  beforeAll(async () => {
    program = await bundleProgram();
  });
  afterAll(() => {
    program.remove();
  });
  beforeEach(async () => {
    mac = createFakeSystem('macos', program.path);
    expect(await mac.roamhome('install')).toMatchObject({ code: 0 });
  });
  afterEach(() => {
    mac.remove();
  });

  /** The findings of these checks that are not ok; the fake has no pool and no server, of which the others tell. */
  async function findings(...names: readonly string[]) {
    const { out, said } = await mac.roamhome('doctor', '--json', '--set', 'role=mac');
    expect(said).toBe('');
    const { checks } = JSON.parse(out) as { readonly checks: readonly Checked[] };
    return checks
      .filter(({ name }) => names.includes(name))
      .flatMap((check) => check.findings.map((finding) => ({ name: check.name, ...finding })))
      .filter(({ level }) => level !== 'ok');
  }

  test('jobs and hooks are as they were installed; it changes nothing', async () => {
    const before = mac.tree();
    mac.calls();
    expect(await findings('jobs', 'hooks')).toEqual([]);
    expect(mac.tree()).toEqual(before);
    expect(mac.calls().filter((line) => !/^(launchctl print|defaults read) /.test(line))).toEqual([]);
  });

  test.each<[string, string, (mac: FakeSystem) => void]>([
    [
      'no hook is set',
      'hooks',
      (fake) => {
        rmSync(fake.at('fake/state/hooks/LoginHook'));
      },
    ],
    [
      'somebody else has set a hook over ours',
      'hooks',
      (fake) => {
        fake.setState('hooks/LogoutHook', '/usr/local/jamf/logout.sh');
      },
    ],
    [
      'our hook was changed',
      'hooks',
      (fake) => {
        writeFileSync(fake.at(`${hooks}/login-hook`), '#!/bin/sh\n');
      },
    ],
    [
      'a profile switches the hooks off',
      'hooks',
      (fake) => {
        fake.setState('profile/skipLoginHook', '1');
        fake.setState('profile/skipLogoutHook', '1');
      },
    ],
    [
      'a job is not loaded',
      'jobs',
      (fake) => {
        rmSync(fake.at('fake/state/loaded/org.roamhome.thin'));
      },
    ],
    [
      'the plist of a job is gone',
      'jobs',
      (fake) => {
        rmSync(fake.at(thin));
      },
    ],
    [
      'the plist of a job can be written by others',
      'jobs',
      (fake) => {
        chmodSync(fake.at(thin), 0o666);
      },
    ],
    [
      'the Node of the jobs is gone',
      'jobs',
      (fake) => {
        const text = readFileSync(fake.at(thin), 'utf8');
        writeFileSync(fake.at(thin), text.replace(realpathSync(process.execPath), '/opt/node/bin/node'));
      },
    ],
  ])('%s: %s finds it, and what it says cures it', async (_what, check, plant) => {
    plant(mac);
    const [found, ...more] = await findings('jobs', 'hooks');
    expect(more).toEqual([]);
    expect(found).toMatchObject({ name: check, level: 'critical', remedy: { where: 'here' } });
    for (const command of found?.remedy?.commands ?? []) {
      const [program, ...words] = command.split(' ');
      expect(program).toBe('roamhome');
      expect(found?.remedy?.text).toContain(command);
      expect(await mac.roamhome(...words)).toMatchObject({ code: 0 });
    }
    expect(await findings('jobs', 'hooks')).toEqual([]);
  });

  test('a Node that is gone is named', async () => {
    writeFileSync(mac.at(`${hooks}/node`), '/opt/node/bin/node\n');
    const found = await findings('hooks');
    expect(found.map(({ what }) => what)).toEqual([
      `they run /opt/node/bin/node, which is not there any more; roamhome install would replace ${hooks}/node (644)`,
    ]);
  });
});
