import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCommandLine, type CommandLine } from '../../../support/command-line.ts';

const script = resolve(import.meta.dirname, '../../../../scripts/jamf-extension-attribute.sh');

describe.runIf(process.getuid?.() === 0)('roamhome status', () => {
  let commandLine: CommandLine;
  let place: string;

  beforeAll(async () => {
    commandLine = await createCommandLine('mac');
    const { machine } = commandLine;
    await machine.zfs('create', '-o', 'canmount=off', '-o', 'mountpoint=none', 'data/profiles');
    for (const user of ['alice', 'bob']) {
      const mountpoint = machine.folder(`/Users/${user}`);
      await machine.zfs(
        'create',
        '-o',
        'canmount=noauto',
        '-o',
        `mountpoint=${mountpoint}`,
        `data/profiles/${user}`,
      );
      await machine.zfs('snapshot', `data/profiles/${user}@roamhome-20261120T064500.123Z-mac-b`);
    }
    place = machine.folder('/status');
    mkdirSync(place, { recursive: true });
  });
  afterAll(() => {
    commandLine.remove();
  });

  const status = (...words: readonly string[]) =>
    commandLine.roamhome(
      'status',
      ...words,
      '--set',
      `local.spoolDir=${commandLine.machine.folder('/pending')}`,
    );

  test('without the server: what is here, and 3 for what nobody knows', async () => {
    const { code, out, said } = await status();
    expect(code).toBe(3);
    expect(said).toMatch(/^roamhome: .*server.*\n {2}what to do: /);
    const lines = out.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^HOME +STATE +LAST SYNC +AGE +FROM +SIZE +SNAPSHOTS$/);
    expect(lines.slice(1).map((line) => line.split(/ {2,}/).slice(0, 2))).toEqual([
      ['alice', 'unknown'],
      ['bob', 'unknown'],
    ]);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  });

  test('one home, in full and as JSON', async () => {
    const { out } = await status('alice', '--local');
    expect(out).toMatch(/^alice: unknown\n {2}last sync {2}-\n {2}here {7}\d{4}-.*, mac-b\n/);
    const { code, out: json } = await status('alice', '--json', '--local');
    expect(code).toBe(0);
    expect(JSON.parse(json)).toMatchObject({
      level: 'ok',
      server: null,
      homes: [
        { user: 'alice', local: { head: { macName: 'mac-b' }, snapshots: 1, mounted: false }, remarks: [] },
      ],
    });
  });

  test('a home that waits for more than a week is critical', async () => {
    const pending = commandLine.machine.folder('/pending');
    mkdirSync(pending, { mode: 0o700 });
    writeFileSync(join(pending, 'bob'), '{"since":"2020-01-01T00:00:00.000Z"}');
    const { code, out } = await status('--brief', '--local');
    rmSync(join(pending, 'bob'));
    expect([code, out]).toEqual([
      2,
      expect.stringMatching(/^critical: bob: waits to be sent since 2020-01-01 .*; 0 of 2 homes in sync\n$/),
    ]);
  });

  test("a textfile for node_exporter, in a directory or under its own name, everybody's to read", async () => {
    const own = join(place, 'own.prom');
    expect(await status('--local', '--prometheus', place)).toEqual({ code: 0, out: '', said: '' });
    expect(await status('--local', '--prometheus', own)).toEqual({ code: 0, out: '', said: '' });
    expect(readdirSync(place).sort()).toEqual(['own.prom', 'roamhome.prom']);
    expect(statSync(own).mode & 0o777).toBe(0o644);
    expect(readFileSync(own, 'utf8')).toMatch(/^roamhome_home_snapshots\{user="alice",side="local"\} 1$/m);
    expect(await status('--local', '--prometheus', '/nonexistent/x.prom')).toMatchObject({
      code: 72,
      said: expect.stringMatching(/cannot write \/nonexistent\/x\.prom.*\n {2}what to do/) as string,
    });
  });

  test('on the server: all homes there', async () => {
    const { code, out } = await status('--server');
    expect(code).toBe(0);
    expect(out).toMatch(/^alice +on server +\d{4}-.* mac-b /m);
  });

  test('bad command lines and users', async () => {
    expect(await status('dave', '--local')).toMatchObject({
      code: 66,
      said: expect.stringMatching(/dave has no home/) as string,
    });
    expect(await status('--local', '--server')).toMatchObject({ code: 64 });
  });

  describe("Jamf's extension attribute, under env -i", () => {
    const run = (...words: readonly string[]): string =>
      execFileSync('env', ['-i', '/bin/sh', script, ...words], { encoding: 'utf8' });

    test('says what roamhome status says, and escapes it', () => {
      const hooks = join(place, 'hooks');
      mkdirSync(hooks);
      const program = join(hooks, 'fake.mjs');
      writeFileSync(
        program,
        'console.log(`warning: a <b> & ${process.argv.slice(2).join(" ")}`); process.exitCode = 1;',
      );
      writeFileSync(join(hooks, 'node'), `${process.execPath}\n`);
      writeFileSync(join(hooks, 'program'), `${program}\n`);
      expect(run(hooks)).toBe('<result>warning: a &lt;b&gt; &amp; status --local --brief</result>\n');
      writeFileSync(program, 'process.exit(70)');
      expect(run(hooks)).toBe('<result>unknown: roamhome status said nothing</result>\n');
      writeFileSync(program, 'console.error("roamhome: no"); process.exit(77)');
      expect(run(hooks)).toBe('<result>unknown: roamhome: no</result>\n');
    });

    test('without Roamhome', () => {
      expect(run(dirname(place))).toBe('<result>unknown: roamhome is not installed</result>\n');
    });
  });
});
