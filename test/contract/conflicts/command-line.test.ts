import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSimulatedMachine, type SimulatedMachine } from './simulated-machine.ts';
import { bundle } from '../../unit/bundle.ts';

// Of a user whom every Debian has: the command line asks the system who it is.
const user = 'nobody';
const name = `${user}-mac7-20261120T064500Z`;
const home = `data/profiles/${user}`;
const conflict = `data/profiles-conflicts/${name}`;

describe.runIf(process.getuid?.() === 0)('the command line, on a Mac whose server is away', () => {
  let zfs: Awaited<ReturnType<typeof bundle>>;
  let program: Awaited<ReturnType<typeof bundle>>;
  let directory: string;
  let mac: SimulatedMachine;

  beforeAll(async () => {
    [zfs, program] = await Promise.all([bundle('simulator/main.ts'), bundle('cli/run.ts')]);
    directory = mkdtempSync(join(tmpdir(), 'conflicts-cli-'));
    chmodSync(directory, 0o755);
    mac = createSimulatedMachine('mac', directory, zfs.path);
    // The command line gives its programs no variable of its own.
    const script = join(directory, 'bin/zfs');
    const text = readFileSync(script, 'utf8');
    const state = `process.env.ROAMHOME_SIMULATOR = ${JSON.stringify(join(directory, 'state'))};`;
    writeFileSync(script, text.replace('\n', `\n${state}\n`));
    const place = mac.folder(`/Users/${user}`);
    for (const root of ['data/profiles', 'data/profiles-conflicts'])
      await mac.zfs('create', '-o', 'canmount=off', '-o', 'mountpoint=none', root);
    await mac.zfs('create', '-o', 'canmount=noauto', '-o', `mountpoint=${place}`, home);
    await mac.zfs('mount', home);
    write('novel', 'mine');
    write('plan', 'a plan');
    await mac.zfs('unmount', home);
    await mac.zfs('snapshot', `${home}@x`);
    await mac.zfs('set', `roamhome:conflict=${user}`, home);
    await mac.zfs('rename', '-u', home, conflict);
    await mac.zfs('create', '-o', 'canmount=noauto', '-o', `mountpoint=${place}`, home);
    await mac.zfs('mount', home);
    write('novel', 'the other');
  });

  afterAll(() => {
    zfs.remove();
    program.remove();
    rmSync(directory, { recursive: true });
  });

  function write(file: string, text: string): void {
    const path = join(mac.folder(`/Users/${user}`), file);
    writeFileSync(path, text);
    for (const each of [path, mac.folder(`/Users/${user}`)]) chownSync(each, 65_534, 65_534);
  }

  async function roamhome(...words: readonly string[]) {
    const settings = [
      ...[`zfsPath=${join(directory, 'bin')}`, `local.homeBase=${mac.folder('/Users')}`],
      ...[`local.stateDir=${mac.folder('/run')}`, `log.file=${join(directory, 'log')}`],
    ].flatMap((setting) => ['--set', setting]);
    const script = `import { run } from ${JSON.stringify(program.path)}; await run(process.argv.slice(1));`;
    const args = ['--input-type=module', '-e', script, '--', 'conflicts', ...words, ...settings];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let [out, said] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    const [code] = (await once(child, 'close')) as [number];
    return { code, out, said };
  }

  test('shows a conflict, compares it, restores from it, and destroys it only when told to', async () => {
    mkdirSync(mac.folder('/rescue'));
    const shown = await roamhome('show', name, '--json');
    expect(JSON.parse(shown.out)).toMatchObject({
      user,
      macName: 'mac7',
      onMac: { snapshots: 1 },
      onServer: null,
    });
    expect([shown.code, shown.said]).toEqual([78, expect.stringMatching(/server\.address/)]);

    const compared = await roamhome('diff', name);
    expect(compared.out).toMatch(
      /^~ novel {2}\(content: .*\n\+ plan {2}\(6 B, .*\n\+ 1 only in .*~ 1 different\n$/,
    );
    expect([compared.code, compared.said]).toEqual([0, '']);

    expect(await roamhome('restore', name, '--all')).toEqual({
      code: 73,
      out: expect.stringMatching(/^restored 1 path to .*\/Users\/nobody, 1 not restored\n$/) as string,
      said: 'not restored: novel: it is there already, and differs: --overwrite replaces it\n',
    });
    expect(readFileSync(join(mac.folder(`/Users/${user}`), 'plan'), 'utf8')).toBe('a plan');
    expect(await roamhome('restore', name)).toMatchObject({ code: 64 });
    expect(await roamhome('restore', name, 'novel', '--to', mac.folder('/rescue'))).toMatchObject({
      code: 0,
    });
    expect(readFileSync(mac.folder('/rescue/novel'), 'utf8')).toBe('mine');

    const asked = await roamhome('discard', name);
    expect(asked).toMatchObject({
      code: 64,
      out: '',
      said: expect.stringMatching(/MAY BE THE ONLY COPY/) as string,
    });
    expect(await mac.zfs('list', '-H', '-o', 'name', conflict)).toBe(`${conflict}\n`);
    expect(await roamhome('discard', name, '--yes')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^destroyed data\/profiles-conflicts\/nobody-mac7-\S+\n/) as string,
    });
    expect(await roamhome('discard', name, '--yes')).toMatchObject({ code: 66 });
    expect(existsSync(join(mac.folder(`/Users/${user}`), 'novel'))).toBe(true);
  });
});
