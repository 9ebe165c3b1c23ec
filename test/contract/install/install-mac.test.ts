import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bundleProgram, createFakeSystem, type FakeSystem } from './fake-system.ts';

const support = '/Library/Application Support/roamhome';
const hooks = `${support}/hooks`;
const daemons = '/Library/LaunchDaemons';
const jobs = ['checkpoint', 'pending', 'thin'];
const changing = /^defaults (write|delete)|^launchctl (bootstrap|bootout)/;

describe.runIf(process.getuid?.() === 0)('on a Mac', () => {
  let mac: FakeSystem;
  let before: Readonly<Record<string, string>>;
  let program: Awaited<ReturnType<typeof bundleProgram>>;
  beforeAll(async () => {
    program = await bundleProgram();
  });
  afterAll(() => {
    program.remove();
  });
  beforeEach(() => {
    mac = createFakeSystem('macos', program.path);
    before = mac.tree();
  });
  afterEach(() => {
    mac.remove();
  });

  const loaded = (job: string) => mac.state(`loaded/org.roamhome.${job}`);
  const plist = (job: string) => readFileSync(mac.at(`${daemons}/org.roamhome.${job}.plist`), 'utf8');
  const hookOf = (kind: 'LoginHook' | 'LogoutHook') => mac.state(`hooks/${kind}`);
  const modes = () =>
    Object.fromEntries(Object.entries(mac.tree()).map(([path, text]) => [path, text.split('\n')[0]]));
  /** Runs what loginwindow would. */
  const callHook = (kind: 'LoginHook' | 'LogoutHook', ...words: readonly string[]) =>
    spawnSync('/usr/bin/env', ['-i', mac.at(hookOf(kind)), ...words], { encoding: 'utf8', cwd: '/' });

  test('installing, what is there and loaded before and after', async () => {
    expect(await mac.roamhome('install')).toMatchObject({ code: 0 });
    const root = '0:0';
    expect(modes()).toEqual({
      ...Object.fromEntries(Object.entries(before).map(([path, text]) => [path, text.split('\n')[0]])),
      [`/Library/Application Support/`]: `755 ${root}`,
      [`${support}/`]: `755 ${root}`,
      [`${hooks}/`]: `755 ${root}`,
      ...Object.fromEntries(['login-hook', 'logout-hook'].map((name) => [`${hooks}/${name}`, `755 ${root}`])),
      ...Object.fromEntries(
        ['session-hook.sh', 'node', 'program'].map((name) => [`${hooks}/${name}`, `644 ${root}`]),
      ),
      ...Object.fromEntries(jobs.map((job) => [`${daemons}/org.roamhome.${job}.plist`, `644 ${root}`])),
      '/Library/LaunchAgents/': `755 ${root}`,
      '/Library/LaunchAgents/org.roamhome.notify.plist': `644 ${root}`,
      '/Library/Logs/': `755 ${root}`,
      '/Library/Logs/roamhome/': `755 ${root}`,
      '/etc/newsyslog.d/org.roamhome.conf': `644 ${root}`,
      '/var/': expect.any(String) as string,
      '/var/db/': expect.any(String) as string,
      '/var/db/roamhome/': `700 ${root}`,
      '/var/db/roamhome/pending/': `700 ${root}`,
      '/var/run/': expect.any(String) as string,
      '/var/run/roamhome/': `700 ${root}`,
    });
    for (const job of jobs) expect(loaded(job)).toBe(plist(job));
    for (const job of ['server', 'watch-console']) expect(loaded(job)).toBe('');
    expect(hookOf('LoginHook')).toBe(`${hooks}/login-hook`);
    expect(hookOf('LogoutHook')).toBe(`${hooks}/logout-hook`);
    expect(plist('thin')).toContain(process.execPath);

    expect(callHook('LoginHook', 'alice').status).toBe(0);
    expect(callHook('LogoutHook', 'alice').status).toBe(0);
    expect(mac.programCalls()).toEqual(['login -- alice', 'logout -- alice']);
  });

  test('installing twice changes nothing the second time', async () => {
    await mac.roamhome('install');
    const after = mac.tree();
    mac.calls();
    expect(await mac.roamhome('install')).toMatchObject({
      code: 0,
      out: 'nothing to do: all is installed already\n',
    });
    expect(mac.tree()).toEqual(after);
    expect(mac.calls().filter((line) => changing.test(line))).toEqual([]);
  });

  test.each([[[]], [['--watch-console']], [['--server']]])(
    'a dry run of %j says all that is written and run, and changes nothing',
    async (words) => {
      const { code, out } = await mac.roamhome('install', '--dry-run', ...words);
      expect(code).toBe(0);
      expect(mac.tree()).toEqual(before);
      expect(mac.calls().filter((line) => changing.test(line))).toEqual([]);
      expect(await mac.roamhome('install', ...words)).toMatchObject({ code: 0 });
      for (const line of mac.calls().filter((call) => changing.test(call)))
        expect(out.replaceAll("'", '')).toContain(`    ${line}\n`);
      for (const path of Object.keys(mac.tree()).filter((one) => !(one in before) && !one.endsWith('/')))
        expect(out).toContain(`write ${path} (`);
    },
  );

  test('upgrading while a job runs: every job is that of the new version', async () => {
    await mac.roamhome('install');
    const [old, files] = [plist('thin'), Object.keys(mac.tree())];
    mac.upgrade('1.1.0');
    // Five looks until its process has ended.
    mac.setState('running/org.roamhome.thin', '5\n');
    mac.calls();
    expect(await mac.roamhome('install')).toMatchObject({ code: 0 });
    expect(Object.keys(mac.tree())).toEqual(files);
    for (const job of jobs) {
      expect(loaded(job)).toBe(plist(job));
      expect(plist(job)).toContain('Roamhome 1.1.0.');
    }
    expect(plist('thin')).not.toBe(old);
    const calls = mac.calls();
    expect(
      calls.filter((line) => line === 'launchctl print system/org.roamhome.thin').length,
    ).toBeGreaterThan(5);
    expect(calls.filter((line) => line.startsWith('defaults write'))).toEqual([]);
    expect(await mac.roamhome('install')).toMatchObject({
      out: expect.stringContaining('nothing') as string,
    });
  });

  test('a bootstrap that launchd refuses for a while is tried again', async () => {
    mac.setState('refuse', '4\n');
    expect(await mac.roamhome('install')).toMatchObject({ code: 0, said: expect.any(String) as string });
    for (const job of jobs) expect(loaded(job)).toBe(plist(job));
    expect(mac.calls().filter((line) => line.startsWith('launchctl bootstrap'))).toHaveLength(
      jobs.length + 4,
    );
  });

  test('one that launchd never takes is an error that says what to look at; the next run does the rest', async () => {
    mac.setState('refuse', '1000\n');
    const failed = await mac.roamhome('install');
    expect(failed.code).toBe(71);
    expect(failed.said).toMatch(
      /launchd does not take org\.roamhome\.thin: Bootstrap failed: 5: Input\/output error/,
    );
    expect(failed.said).toContain('print-disabled');
    expect(hookOf('LoginHook')).toBe('');
    mac.setState('refuse', '0\n');
    expect(await mac.roamhome('install')).toMatchObject({ code: 0 });
    for (const job of jobs) expect(loaded(job)).toBe(plist(job));
    expect(hookOf('LoginHook')).toBe(`${hooks}/login-hook`);
  });

  test('a file that others could write is put right, and its job started anew', async () => {
    await mac.roamhome('install');
    const after = mac.tree();
    chmodSync(mac.at(`${daemons}/org.roamhome.thin.plist`), 0o666);
    chownSync(mac.at(`${hooks}/node`), 65_534, 65_534);
    mac.calls();
    expect(await mac.roamhome('install')).toMatchObject({ code: 0 });
    expect(mac.tree()).toEqual(after);
    expect(mac.calls().filter((line) => changing.test(line))).toEqual([
      'launchctl bootout system/org.roamhome.thin',
      `launchctl bootstrap system ${daemons}/org.roamhome.thin.plist`,
    ]);
  });

  test('a directory of hooks that others can write in is refused before anything is done', async () => {
    mkdirSync(mac.at(hooks), { recursive: true });
    chmodSync(mac.at(hooks), 0o777);
    const refused = await mac.roamhome('install');
    expect(refused).toMatchObject({ code: 72, said: expect.stringContaining('others than root') as string });
    expect(mac.calls().filter((line) => changing.test(line))).toEqual([]);
  });

  test('uninstalling leaves homes, settings and what waits; the rest is as it was before', async () => {
    await mac.roamhome('install', '--watch-console');
    expect(loaded('watch-console')).toBe(plist('watch-console'));
    const config = `${support}/id_ed25519`;
    const waiting = '/var/db/roamhome/pending/alice';
    for (const path of [config, waiting]) writeFileSync(mac.at(path), 'kept');
    mac.setState('running/org.roamhome.watch-console', '3\n');

    const dry = await mac.roamhome('uninstall', '--dry-run');
    expect(dry.code).toBe(0);
    expect(mac.state('loaded/org.roamhome.thin')).not.toBe('');
    const { code, out } = await mac.roamhome('uninstall');
    expect(code).toBe(0);
    expect(out).toMatch(/left as they are: homes and their snapshots, settings, keys/);

    const after = mac.tree();
    expect(Object.keys(after).filter((path) => !path.endsWith('/') && !(path in before))).toEqual([
      config,
      waiting,
    ]);
    for (const [path, text] of Object.entries(before)) expect(after[path]).toBe(text);
    expect(existsSync(mac.at(hooks))).toBe(false);
    for (const job of [...jobs, 'watch-console']) expect(loaded(job)).toBe('');
    expect([hookOf('LoginHook'), hookOf('LogoutHook')]).toEqual(['', '']);
    expect(await mac.roamhome('uninstall')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^nothing to do/) as string,
    });
  });

  test('a Mac becomes a server', async () => {
    await mac.roamhome('install');
    expect(await mac.roamhome('install', '--server')).toMatchObject({ code: 0 });
    expect(loaded('server')).toContain('<string>--tend</string>');
    for (const job of jobs) expect(loaded(job)).toBe('');
    expect(hookOf('LoginHook')).toBe('');
  });

  describe('with a hook of somebody else', () => {
    let foreign: string;
    const installForeign = (exitCode = 0) => {
      mkdirSync(mac.at('other tool'));
      writeFileSync(
        mac.at('other tool/hook'),
        `#!/bin/sh\nprintf '<%s>' "$@" >> '${mac.at('fake/state/foreign')}'\nexit ${exitCode}\n`,
        { mode: 0o755 },
      );
      foreign = mac.at('other tool/hook');
      for (const kind of ['LoginHook', 'LogoutHook']) mac.setState(`hooks/${kind}`, foreign);
    };

    test.each([0, 1, 100])(
      'it survives installing, upgrading and uninstalling, and is called the same way (it ends with %i)',
      async (exitCode) => {
        installForeign(exitCode);
        await mac.roamhome('install');
        expect(hookOf('LoginHook')).toBe(`${hooks}/login-hook`);
        for (const stage of ['installed', 'upgraded']) {
          if (stage === 'upgraded') {
            mac.upgrade('1.1.0');
            expect(await mac.roamhome('install')).toMatchObject({ code: 0 });
          }
          mac.setState('foreign', '');
          mac.setState('program-calls', '');
          for (const kind of ['LoginHook', 'LogoutHook'] as const)
            expect(callHook(kind, 'alice', 'x y').status).toBe(0);
          expect(mac.state('foreign')).toBe('<alice><x y><alice><x y>');
          expect(mac.programCalls()).toEqual(['login -- alice', 'logout -- alice']);
        }
        expect(await mac.roamhome('uninstall')).toMatchObject({ code: 0 });
        for (const kind of ['LoginHook', 'LogoutHook'] as const) expect(hookOf(kind)).toBe(foreign);
      },
    );

    test('a script of zfs_mobile_sync is not called besides, whether it is set or was chained before; its path is kept', async () => {
      mkdirSync(mac.at('scripts'));
      const script = '/scripts/zfs_send_to_server.sh';
      writeFileSync(
        mac.at(script),
        `#!/bin/sh\n: zfs receive -F\necho ran >> '${mac.at('fake/state/foreign')}'\n`,
        {
          mode: 0o755,
        },
      );
      mac.setState('hooks/LogoutHook', mac.at(script));
      const { out } = await mac.roamhome('install');
      expect(out).toContain(`take ${script} out of use`);
      expect(hookOf('LogoutHook')).toBe(`${hooks}/logout-hook`);
      callHook('LogoutHook', 'alice');
      expect(mac.state('foreign')).toBe('');

      // As an earlier version left it: the hook itself looks at what it calls.
      writeFileSync(mac.at(`${hooks}/logout-before`), `${mac.at(script)}\n`);
      expect(callHook('LogoutHook', 'alice').stderr).toContain(`${script} is not called`);
      expect(mac.state('foreign')).toBe('');
      const again = await mac.roamhome('install');
      expect(again.out).toContain(`remove ${hooks}/logout-before`);
      expect(await mac.roamhome('install')).toMatchObject({
        out: expect.stringMatching(/^nothing to do/) as string,
      });
      await mac.roamhome('uninstall');
      expect(hookOf('LogoutHook')).toBe('');
      expect(readFileSync(mac.at(`${hooks}/logout-replaced`), 'utf8')).toBe(`${mac.at(script)}\n`);
    });

    test('it is called also when the package is gone', async () => {
      installForeign();
      await mac.roamhome('install');
      rmSync(mac.at('usr/local/lib/roamhome'), { recursive: true });
      const { status, stderr } = callHook('LogoutHook', 'alice');
      expect(status).toBe(0);
      expect(stderr).toContain('is not installed as');
      expect(mac.state('foreign')).toBe('<alice>');
    });

    test('a hook that is no path is not touched', async () => {
      mac.setState('hooks/LoginHook', '(\n    "/a",\n    "/b"\n)');
      const { code, said } = await mac.roamhome('install');
      expect(code).toBe(71);
      expect(said).toContain('defaults read');
      expect(mac.tree()).toEqual(before);
    });
  });

  test('our own hook that was set by hand is not called besides', async () => {
    mac.setState('hooks/LoginHook', '/usr/local/lib/roamhome/hooks/login-hook');
    await mac.roamhome('install');
    callHook('LoginHook', 'alice');
    expect(mac.programCalls()).toEqual(['login -- alice']);
    await mac.roamhome('uninstall');
    expect(hookOf('LoginHook')).toBe('');
  });

  test.each([
    [['install', '--config', '/x'], 64, /machine’s own settings/],
    [['install', '--set', 'local.root=a/b'], 64, /machine’s own settings/],
    [['install', '--server', '--watch-console'], 64, /--watch-console is for Macs/],
    [['install', '--set', 'jobs.thinAt=25:00'], 78, /a time such as 12:43/],
    [['install', '--set', 'jobs.pendingMinutes=7'], 78, /an hour can be divided/],
  ])('%j is refused', async (words, want, text) => {
    const { code, said } = await mac.roamhome(...words);
    expect(code).toBe(want);
    expect(said).toMatch(text);
    expect(mac.tree()).toEqual(before);
  });

  test('times are taken from the settings', async () => {
    await mac.roamhome('install', '--set', 'jobs.thinAt=04:05', '--set', 'jobs.checkpointMinutes=30');
    expect(plist('thin')).toMatch(/<integer>4<[^]*<integer>5</);
    expect(plist('checkpoint')).toContain('<integer>1800</integer>');
  });
});
