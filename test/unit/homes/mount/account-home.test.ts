import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkAccountHome } from '../../../../src/homes/mount/account-home.ts';
import { login } from '../../../../src/homes/login.ts';
import { Findings } from '../../../../src/homes/report.ts';
import { fakeSession } from '../../../support/homes/fake-session.ts';

const account = { name: 'alice', uid: 2001, gid: 2100 };

async function warningsFor(
  home: string | undefined,
  mountpoint: string,
  kind: 'linux' | 'macos' = 'linux',
): Promise<readonly string[]> {
  const { session } = fakeSession({ local: '@a:1' });
  const findings = new Findings();
  await checkAccountHome(
    { ...session, mountpoint, platform: { ...session.platform, kind } },
    { ...account, ...(home !== undefined && { home }) },
    findings,
  );
  return findings.warnings;
}

test('an account whose home directory is elsewhere is told, with what changes it', async () => {
  expect(await warningsFor('/Users/alice', '/home/alice')).toEqual([
    'the account alice has /Users/alice as its home directory, but the home is mounted at /home/alice: a session does not find it. ' +
      'Set local.homeBase to where accounts have theirs, or homeDirectory in the directory server; a local account: `usermod --home /home/alice alice`',
  ]);
  expect((await warningsFor('/var/alice', '/Users/alice', 'macos'))[0]).toMatch(
    /`dscl \. -create \/Users\/alice NFSHomeDirectory \/Users\/alice`$/,
  );
});

test('one that is there, also by a slash or a symlink more, or is not known, is not', async () => {
  const base = mkdtempSync(join(tmpdir(), 'account-home-'));
  try {
    mkdirSync(join(base, 'real', 'alice'), { recursive: true });
    symlinkSync(join(base, 'real'), join(base, 'home'));
    expect(await warningsFor(join(base, 'home', 'alice'), join(base, 'real', 'alice'))).toEqual([]);
  } finally {
    rmSync(base, { recursive: true });
  }
  expect(await warningsFor('/nonexistent/alice/', '/nonexistent/alice')).toEqual([]);
  expect(await warningsFor(undefined, '/home/alice')).toEqual([]);
});

test('a login says so', async () => {
  const { session } = fakeSession({ local: '@a:1', server: '@a:1' });
  const platform = {
    ...session.platform,
    findAccount: () => Promise.resolve({ ...account, home: '/Users/alice' }),
  };
  const mountpoints = { ...session.mountpoints, ownerOf: () => Promise.resolve(2001) };
  const { warnings } = await login({ ...session, platform, mountpoints });
  expect(warnings).toEqual([expect.stringMatching(/^the account alice has \/Users\/alice /)]);
});
