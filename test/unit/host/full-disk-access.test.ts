import { expect, test } from 'vitest';
import { failed } from '../../../src/homes/files/copy-failure.ts';
import { macosTreeAttributes } from '../../../src/platform/macos/directory-attributes.ts';
import { tarCommands } from '../../../src/platform/tar.ts';
import { unmountHome } from '../../../src/homes/mount/unmounting.ts';
import { zfsError } from '../../../src/zfs/stderr.ts';
import { RoamhomeError } from '../../../src/errors/errors.ts';
import { result } from '../../support/fake-host.ts';
import { fakeSession } from '../../support/homes/fake-session.ts';

const refused = { exitCode: 1, stderr: './Library/Mail: Operation not permitted\n' };
const access = expect.objectContaining({
  remedy: expect.stringMatching(
    new RegExp(`^\`open '.*Privacy_AllFiles'\` and add ${process.execPath} there.* Full Disk Access `),
  ) as string,
}) as Error;

test('what macOS keeps from root has its own remedy: of tar, of what looks at attributes, of zfs', async () => {
  const { create } = tarCommands('macos', '/a', '/b');
  expect(failed(create, result(refused))).toEqual(access);
  const host = { ...fakeSession({}).session.local.host, run: () => Promise.resolve(result(refused)) };
  await expect(macosTreeAttributes(host, '/Users/alice')).rejects.toEqual(access);
  const mount = ['zfs', 'mount', 'data/profiles/alice'] as const;
  expect(
    zfsError('this Mac', [...mount], result({ exitCode: 1, stderr: 'Operation not permitted\n' })),
  ).toEqual(access);
});

test('on Linux, and on the server, the same words mean something else', () => {
  const { create } = tarCommands('linux', '/a', '/b');
  expect(failed(create, result(refused))).not.toEqual(access);
  for (const place of ['this machine', 'server.example'])
    expect(
      zfsError(
        place,
        ['zfs', 'mount', 'data/a'],
        result({ exitCode: 1, stderr: 'Operation not permitted\n' }),
      ),
    ).not.toEqual(access);
});

test('an unmount that macOS forbids is not told as a program that is still at it', async () => {
  const busy = new RoamhomeError({ code: 'dataset-busy', message: 'busy', remedy: 'wait' });
  const { session } = fakeSession({
    local: '@a:1',
    mounted: true,
    failures: { 'this Mac: zfs unmount': busy },
  });
  const run = () =>
    Promise.resolve(result({ exitCode: 1, stderr: 'Unmount failed: Operation not permitted\n' }));
  const onMac = {
    ...session,
    platform: {
      ...session.platform,
      kind: 'macos' as const,
      forceUnmountArgv: (path: string) => ['diskutil', 'unmount', 'force', path] as const,
    },
    local: { ...session.local, host: { ...session.local.host, run } },
  };
  await expect(unmountHome(onMac, { tries: 1, force: true })).rejects.toMatchObject({
    code: 'home-busy',
    remedy: expect.stringContaining('Full Disk Access') as string,
  });
});
