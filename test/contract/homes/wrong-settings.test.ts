import { execFile } from 'node:child_process';
import { chownSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRoamingMac, type RoamingMac } from '../../support/roaming-mac.ts';

interface Done {
  readonly code: number;
  readonly said: string;
  readonly out: string;
}

type Tree = Readonly<Record<string, unknown>>;

// A home is mounted, killed in, snapshotted and sent: only root may.
describe.runIf(process.getuid?.() === 0)('mistakes in the settings', () => {
  let mac: RoamingMac;
  let good: Readonly<Record<string, Tree>>;
  const home = 'data/profiles/alice';

  beforeAll(async () => {
    mac = await createRoamingMac({ alice: 1 });
    good = JSON.parse(readFileSync(join(mac.directory, 'config.json'), 'utf8')) as typeof good;
    chownSync(place(), 3987, 3987);
    expect(await roamhome('logout', 'alice')).toMatchObject({ code: 0 });
  }, 300_000);

  afterAll(async () => {
    await mac.remove();
  });

  const roamhome = (...words: readonly string[]): Promise<Done> =>
    new Promise((done) => {
      execFile(join(mac.bin, 'roamhome'), words, (error, out, said) => {
        done({ code: error === null ? 0 : Number(error.code), out, said });
      });
    });

  /** The file of settings as it is right, but for this. */
  const settings = (section: string, change: unknown): void => {
    const changed =
      typeof change === 'object' && change !== null ? { ...good[section], ...(change as Tree) } : change;
    writeFileSync(join(mac.directory, 'config.json'), JSON.stringify({ ...good, [section]: changed }));
  };

  const heads = async (zfs: RoamingMac['zfs']): Promise<readonly string[]> =>
    (await zfs('list', '-H', '-o', 'name', '-t', 'snapshot', '-s', 'createtxg', home)).trim().split('\n');
  const place = (): string => join(mac.directory, 'mac/root/Users/alice');

  /** A session of alice's, in which she writes a file, and its logout with these settings. */
  const session = async (text: string, section: string, change: unknown): Promise<Done> => {
    settings('log', {});
    expect(await roamhome('login', 'alice')).toMatchObject({ code: 0 });
    writeFileSync(join(place(), 'essay'), text);
    settings(section, change);
    return roamhome('logout', 'alice', '--json');
  };

  test.each<[string, unknown, 'sent' | 'pending', RegExp]>([
    ['server', { compression: 'zstd' }, 'sent', /no setting server\.compression/],
    ['limits', { stallSeconds: 'x' }, 'sent', /limits\.stallSeconds: found "x"/],
    ['local', { root: 'tank/../homes' }, 'sent', /local\.root: .* \(from the mount table\)/],
    ['local', { homeBase: 'Users' }, 'sent', /local\.homeBase: .* \(from the mount table\)/],
    ['local', { macName: 'mac 7' }, 'pending', /local\.macName: found "mac 7"/],
    ['server', { port: '22' }, 'pending', /server\.port: found "22"/],
    ['policies', { sendFlags: 'rwa' }, 'pending', /policies\.sendFlags: found "rwa"/],
    ['syncGroup', ' ', 'pending', /syncGroup: found " "/],
  ])(
    'a logout snapshots with %s = %j: %s',
    async (section, change, want, told) => {
      const before = await heads(mac.zfs);
      const { code, out } = await session(`${section} ${JSON.stringify(change)}`, section, change);
      const report = JSON.parse(out) as { snapshot: string; pending: boolean; warnings: readonly string[] };
      expect(report.warnings.join('\n')).toMatch(told);
      expect(report.warnings.join('\n')).toContain('`roamhome config show`');
      expect(report.snapshot).toMatch(/^roamhome-/);
      const after = await heads(mac.zfs);
      expect(after).toHaveLength(before.length + 1);
      const there = (await heads((...words) => mac.server.zfs(...words))).includes(after.at(-1) ?? '');
      expect({
        code,
        pending: report.pending,
        there,
        noted: existsSync(join(mac.directory, 'pending/alice')),
      }).toEqual(
        want === 'sent'
          ? { code: 0, pending: false, there: true, noted: false }
          : { code: 78, pending: true, there: false, noted: true },
      );
      // Once it is cured, the next job sends it.
      settings('log', {});
      if (want === 'pending') {
        expect(await roamhome('push', '--pending')).toMatchObject({ code: 0 });
        expect(await heads((...words) => mac.server.zfs(...words))).toContain(after.at(-1));
      }
    },
    300_000,
  );

  test.each<[string, unknown, number]>([
    ['server', { port: '22', compression: 'zstd' }, 78],
    ['policies', { sendFlags: 'rwa', onLoginFailure: 'x', loggedInElsewhere: 'x' }, 0],
    ['local', { root: 'tank/../homes' }, 0],
    ['local', { macName: 'mac 7' }, 0],
    ['syncGroup', ' ', 0],
  ])(
    'a login mounts with %s = %j',
    async (section, change, code) => {
      settings('log', {});
      expect(await roamhome('logout', 'alice')).toMatchObject({ code: 0 });
      settings(section, change);
      const done = await roamhome('login', 'alice', '--json');
      expect(JSON.parse(done.out)).toMatchObject({ mounted: true });
      expect(done.out).toContain(`config.json: `);
      expect(done.code).toBe(code);
      expect(existsSync(join(place(), 'film-1'))).toBe(true);
    },
    300_000,
  );

  test.each<[string, unknown, number, boolean]>([
    ['server', { compression: 'zstd' }, 0, true],
    ['limits', { stallSeconds: 'x' }, 0, true],
    ['server', { port: '22' }, 78, false],
    ['policies', { sendFlags: 'rwa' }, 78, false],
  ])(
    'a checkpoint snapshots with %s = %j, and ends with %i',
    async (section, change, code, sent) => {
      settings('log', {});
      expect(await roamhome('login', 'alice')).toMatchObject({ code: 0 });
      const before = await heads(mac.zfs);
      writeFileSync(join(place(), 'essay'), `checkpoint ${section} ${JSON.stringify(change)}`);
      settings(section, change);
      expect((await roamhome('checkpoint', 'alice', '--json')).code).toBe(code);
      const after = await heads(mac.zfs);
      expect(after).toHaveLength(before.length + 1);
      expect((await heads((...words) => mac.server.zfs(...words))).includes(after.at(-1) ?? '')).toBe(sent);
      settings('log', {});
      expect(await roamhome('logout', 'alice')).toMatchObject({ code: 0 });
    },
    300_000,
  );

  test('a file that is no settings at all: the home is found and snapshotted, and nothing is sent', async () => {
    settings('log', {});
    expect(await roamhome('login', 'alice')).toMatchObject({ code: 0 });
    writeFileSync(join(place(), 'essay'), 'before the file was broken');
    const before = await heads(mac.zfs);
    writeFileSync(join(mac.directory, 'config.json'), '{ "server": ');
    // Where this machine is not like others: its zfs, and no directory of the system's.
    const own = [`zfsPath=${join(mac.directory, 'mac/bin')}`, `log.file=${join(mac.directory, 'log')}`];
    const local = ['spoolDir', 'stateDir'].map((key) => `local.${key}=${join(mac.directory, key)}`);
    const status = `progress.statusDir=${join(mac.directory, 'status')}`;
    const set = [...own, ...local, status].flatMap((one) => ['--set', one]);
    const done = await roamhome('logout', 'alice', '--json', ...set);
    expect(done.code).toBe(78);
    expect(JSON.parse(done.out)).toMatchObject({
      ...{ pending: true, mounted: false, snapshot: expect.stringMatching(/^roamhome-/) as string },
      problems: [{ code: 'config-invalid' }],
    });
    expect(await heads(mac.zfs)).toHaveLength(before.length + 1);
    expect(await roamhome('config', 'show')).toMatchObject({
      code: 78,
      out: expect.stringMatching(/^server\.port +22 +default$[^]*^mistake: .*cannot be parsed/m) as string,
    });
  }, 300_000);

  test('what destroys refuses a wrong value of its own, and says so; what only looks warns', async () => {
    // What a test before has left to be sent would be the louder thing.
    settings('log', {});
    for (const what of ['login', 'logout']) expect(await roamhome(what, 'alice')).toMatchObject({ code: 0 });
    settings('thinning', { schedule: '7x' });
    const before = await heads(mac.zfs);
    for (const words of [['thin'], ['thin', '--dry-run']])
      expect(await roamhome(...words)).toMatchObject({
        ...{ code: 78, out: '' },
        said: expect.stringMatching(
          /thinning\.schedule: found "7x"[^]*Correct thinning\.schedule in /,
        ) as string,
      });
    expect(await heads(mac.zfs)).toEqual(before);
    const status = await roamhome('status', '--json');
    expect(status.code).toBe(1);
    expect(JSON.parse(status.out)).toMatchObject({
      level: 'warning',
      warnings: [expect.stringMatching(/thinning\.schedule/)],
    });
    const doctor = JSON.parse((await roamhome('doctor', '--json')).out) as {
      checks: readonly { name: string; level: string }[];
    };
    expect(doctor.checks[0]).toMatchObject({ name: 'settings', level: 'warning' });
    const server = { ...good, role: 'server', server: {} };
    const wrong = { ...server, thinning: { schedule: '7x' }, limits: { partialIdleSeconds: 'x' } };
    writeFileSync(join(mac.directory, 'config.json'), JSON.stringify(wrong));
    for (const words of [['thin', '--server'], ['tend']])
      expect(await roamhome(...words)).toMatchObject({ code: 78, out: '' });
    expect(await heads(mac.zfs)).toEqual(before);
  }, 300_000);
});
