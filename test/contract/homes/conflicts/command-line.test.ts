import { chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCommandLine, type CommandLine } from '../../../support/command-line.ts';
import type { SimulatedMachine } from '../../../support/simulated-machine.ts';

// Of a user whom every Debian has: the command line asks the system who it is.
const user = 'nobody';
const name = `${user}-mac7-20261120T064500Z`;
const home = `data/profiles/${user}`;
const conflict = `data/profiles-conflicts/${name}`;

describe.runIf(process.getuid?.() === 0)('the command line, on a Mac whose server is away', () => {
  let commandLine: CommandLine;
  let mac: SimulatedMachine;

  beforeAll(async () => {
    commandLine = await createCommandLine('mac');
    mac = commandLine.machine;
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
    commandLine.remove();
  });

  function write(file: string, text: string): void {
    const path = join(mac.folder(`/Users/${user}`), file);
    writeFileSync(path, text);
    for (const each of [path, mac.folder(`/Users/${user}`)]) chownSync(each, 65_534, 65_534);
  }

  const roamhome = (...words: readonly string[]) => commandLine.roamhome('conflicts', ...words);

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
      code: 0,
      out: expect.stringMatching(
        /^restored 2 paths to .*\/Users\/nobody\nboth are there: novel, and the conflict's as "novel \(mac7, 20 Nov \d\d\.\d\d\)"\n$/,
      ) as string,
      said: '',
    });
    expect(readFileSync(join(mac.folder(`/Users/${user}`), 'novel'), 'utf8')).toBe('the other');
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
