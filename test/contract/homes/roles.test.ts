import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRoamingMac, type RoamingMac } from '../../support/roaming-mac.ts';

type Settings = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

// Thinning and mounting are root's.
describe.runIf(process.getuid?.() === 0)('each command on its own side', () => {
  let mac: RoamingMac;
  let settings: Settings;
  const home = 'data/profiles/alice';

  beforeAll(async () => {
    mac = await createRoamingMac({ alice: 1 });
    settings = JSON.parse(readFileSync(join(mac.directory, 'config.json'), 'utf8')) as Settings;
  }, 60_000);

  afterAll(async () => {
    await mac.remove();
  });

  const roamhome = (
    ...words: readonly string[]
  ): Promise<{ readonly code: number; readonly out: string; readonly said: string }> =>
    new Promise((done) => {
      execFile(join(mac.bin, 'roamhome'), words, (error, out, said) => {
        done({ code: error === null ? 0 : Number(error.code), out, said });
      });
    });
  const write = (content: unknown): void => {
    writeFileSync(join(mac.directory, 'config.json'), JSON.stringify(content));
  };
  const snapshots = (): Promise<string> => mac.zfs('list', '-H', '-o', 'name', '-t', 'snapshot', home);
  const refusal = (what: string): unknown => ({
    ...{ code: 64, out: '' },
    said: expect.stringMatching(new RegExp(`${what}[^]*what to do: .*\`roamhome provision role `)) as string,
  });

  test.each<[string, () => unknown]>([
    ['by its role', () => ({ ...settings, role: 'mac' })],
    ['as it names a server', () => settings],
    ['where nothing says what it is', () => ({ ...settings, server: {} })],
  ])(
    'what was never sent is not thinned as if this were the server: a Mac %s',
    async (_name, content) => {
      write(content());
      const before = await snapshots();
      expect(before.trim().split('\n')).toHaveLength(3);
      const schedule = ['--set', 'thinning.schedule=1'];
      for (const words of [
        ['thin', '--server'],
        ['thin', '--server', '--tend'],
        ['tend'],
        ['conflicts', 'discard', 'x', '--server', '--yes'],
      ])
        expect(await roamhome(...words, ...schedule)).toEqual(refusal('machine'));
      expect(await snapshots()).toBe(before);
      expect(await mac.zfs('holds', ...before.trim().split('\n'))).not.toContain('roamhome');
    },
    60_000,
  );

  test('monitoring that is set up on the wrong machine gets its line', async () => {
    write({ ...settings, role: 'mac' });
    // Monitoring reads a line of standard output, and no exit code beyond 3.
    expect(await roamhome('doctor', '--server')).toEqual({
      ...{ code: 3, said: '' },
      out: expect.stringMatching(/^ROAMHOME UNKNOWN - .* is for the server[^|\n]*\n$/) as string,
    });
    expect(await roamhome('status', '--server', '--brief')).toEqual({
      ...{ code: 3, said: '' },
      out: expect.stringMatching(/^unknown: .* is for the server[^|\n]*\n$/) as string,
    });
    expect(await roamhome('status', '--server')).toMatchObject({ code: 64, out: '' });
  }, 60_000);

  test.each<[string, () => Promise<unknown>]>([
    ['by its role', () => Promise.resolve({ ...settings, role: 'server', server: {} })],
    [
      'as homes may be received there',
      async () => {
        await mac.zfs('allow', '-u', 'zfs_mobile_sync', 'receive:append,create,mount', 'data/profiles');
        return { ...settings, server: {} };
      },
    ],
  ])(
    'a login on the server does nothing to the home there: a server %s',
    async (_name, content) => {
      write(await content());
      await mac.zfs('unmount', home);
      for (const what of ['login', 'logout', 'checkpoint', 'thin'])
        expect(await roamhome(what, ...(what.startsWith('log') ? ['alice'] : []))).toEqual(
          refusal(`this machine is the server .*; ${what} is for Macs`),
        );
      expect(await mac.zfs('get', '-H', '-o', 'value', 'mounted', home)).toBe('no\n');
      expect(JSON.parse((await roamhome('status', '--json')).out)).toMatchObject({
        homes: [{ user: 'alice', state: 'only-server', local: null }],
      });
      await mac.zfs('mount', home);
    },
    60_000,
  );

  test('the server lists and discards its own branches, without being told where it is', async () => {
    write({ ...settings, role: 'server', server: {} });
    const branch = 'data/profiles-conflicts/alice-mac7-20261120T064500Z';
    await mac.zfs('create', '-o', 'canmount=off', '-o', 'mountpoint=none', 'data/profiles-conflicts');
    await mac.zfs('create', '-o', 'canmount=noauto', '-o', 'roamhome:conflict=alice', branch);
    await mac.zfs('snapshot', `${branch}@x`);
    const listed = await roamhome('conflicts', 'list');
    expect(listed).toMatchObject({ code: 0, said: '' });
    expect(listed.out).toContain(`here:     ${branch}`);
    expect(listed.out).not.toContain('this Mac');
    const name = branch.split('/')[2] ?? '';
    const shown = await roamhome('conflicts', 'show', name);
    expect(shown.out).toContain(`roamhome conflicts discard ${name}`);
    const discarded = await roamhome('conflicts', 'discard', name, '--yes');
    expect(discarded).toMatchObject({ code: 0, out: `destroyed ${branch}\n` });
    expect(discarded.said).toContain(
      'the home here, as far as `roamhome tend` has compared them, does NOT have it',
    );
  }, 60_000);

  test('a machine that is both is neither', async () => {
    write({ ...settings, role: 'server' });
    expect(await roamhome('thin', '--server')).toEqual(refusal('a machine that is both is not supported'));
    expect(await roamhome('login', 'alice')).toEqual(refusal('this machine is the server'));
  }, 60_000);
});
