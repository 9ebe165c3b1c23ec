import { chownSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCommandLine, type CommandLine } from '../../../support/command-line.ts';

// Of a user whom every Debian has: the command line asks the system who it is.
const user = 'nobody';
const home = `data/profiles/${user}`;
const name = 'two\nlines "é".txt';

describe.runIf(process.getuid?.() === 0)('the command line, on a Mac whose server is away', () => {
  let commandLine: CommandLine;
  let place: string;

  beforeAll(async () => {
    commandLine = await createCommandLine('mac');
    const { machine } = commandLine;
    place = machine.folder(`/Users/${user}`);
    for (const root of ['data/profiles', 'data/profiles-conflicts'])
      await machine.zfs('create', '-o', 'canmount=off', '-o', 'mountpoint=none', root);
    await machine.zfs('create', '-o', 'canmount=noauto', '-o', `mountpoint=${place}`, home);
    await machine.zfs('mount', home);
    write('first');
    await machine.zfs('snapshot', `${home}@roamhome-20261119T120000.000Z-mac7`);
    write('the second');
    await machine.zfs('snapshot', `${home}@x`);
  });

  afterAll(() => {
    commandLine.remove();
  });

  function write(text: string): void {
    const path = join(place, name);
    writeFileSync(path, text);
    for (const each of [path, place]) chownSync(each, 65_534, 65_534);
  }

  test('lists snapshots and versions, and restores', async () => {
    const { roamhome } = commandLine;
    expect(await roamhome('snapshots', user, '--local', '--names')).toEqual({
      code: 0,
      out: expect.stringMatching(
        /^WHEN +MAC +CHANGES +WHERE +NAME\n[-\d]+ [:\d]+ +- +\S+ \w+ +here +x\n[-\d]+ [:\d]+ +mac7 +\S+ \w+ +here +roamhome-\S+-mac7\n$/,
      ) as string,
      said: '',
    });
    const listed = await roamhome('snapshots', user, '--json');
    expect(JSON.parse(listed.out)).toMatchObject({
      ...{ roamhome: 1, ok: false, exitCode: 78, problems: [{ code: 'config-invalid' }] },
      snapshots: [
        { name: 'x', macName: null, here: 'all', onServer: 'none' },
        { macName: 'mac7', time: expect.stringMatching(/^\d{4}-.*Z$/) as string },
      ],
    });
    expect([listed.code, listed.said]).toEqual([78, expect.stringMatching(/server\.address/)]);

    const versions = await roamhome('versions', user, name, '--local', '--json');
    expect(JSON.parse(versions.out)).toMatchObject({
      versions: [
        { kind: 'file', bytes: 10, first: { name: 'x', from: 'here' } },
        { kind: 'file', bytes: 5 },
      ],
      snapshotsOnServerOnly: 0,
    });
    expect((await roamhome('versions', user, name, '--local')).out).toMatch(
      /^CHANGED +SIZE +IN THE SNAPSHOTS OF\n(.* B .*\n){2}$/,
    );

    const at = ['--at', 'roamhome-20261119T120000.000Z-mac7', '--local'];
    const restored = await roamhome('restore', user, join(place, name), ...at);
    expect(restored).toEqual({
      code: 0,
      out: expect.stringMatching(
        /^restored .*two\\u000alines "é"\.txt\nwhat was there is kept: two\\u000alines "é"\.txt as two\\u000alines "é" \(before restoring [-\d]+ [.\d]+\)\.txt\n$/,
      ) as string,
      said: expect.stringMatching(/^roamhome: as of [-\d]+ [:\d]+ \(roamhome-\S+-mac7\)\n$/) as string,
    });
    expect(readFileSync(join(place, name), 'utf8')).toBe('first');
    expect(await roamhome('restore', user, name, ...at)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^nothing to restore: /) as string,
    });
  });

  test('puts a dataset back, but no home in use', async () => {
    const { machine, roamhome } = commandLine;
    await machine.zfs('create', '-o', `mountpoint=${machine.folder('/tm')}`, 'data/tm');
    writeFileSync(machine.folder('/tm/file'), 'then');
    await machine.zfs('snapshot', 'data/tm@then');
    writeFileSync(machine.folder('/tm/file'), 'now');
    expect(await roamhome('rollback', 'data/tm', 'then')).toMatchObject({
      code: 64,
      said: expect.stringMatching(
        /It loses, and data\/tm-before-rollback-\S+ keeps:[^]*1 changed[^]*--yes/,
      ) as string,
    });
    const words = ['--yes', '--json', '--before', 'echo "st op"', '--after', 'echo start'];
    const done = await roamhome('rollback', 'data/tm', 'then', ...words);
    expect(JSON.parse(done.out)).toMatchObject({ done: true, dataset: 'data/tm', newerSnapshots: [] });
    expect(done).toMatchObject({
      code: 0,
      said: expect.stringMatching(/^echo: st op\necho: start\n$/m) as string,
    });
    expect(readFileSync(machine.folder('/tm/file'), 'utf8')).toBe('then');
    expect(await roamhome('rollback', home, 'x', '--yes')).toMatchObject({
      code: 75,
      said: expect.stringMatching(/is a home in use: .* is mounted at/) as string,
    });
  });

  test.each([
    [['restore', user, name], 64, /--at/],
    [['restore', user, name, '--local', '--at', 'tomorrow'], 64, /still ahead/],
    [['restore', user, name, '--local', '--at', 'the other day'], 64, /no time that/],
    [['restore', user, name, '--local', '--at', '2001-01-01'], 66, /the oldest is of/],
    [['restore', user, 'none', '--local', '--at', 'today'], 66, /there was no "none"/],
    [['restore', user, name, '--local', '--at', 'x', '--to', '/nowhere'], 64, /--to/],
    [['versions', user, '/etc/passwd', '--local'], 64, /no path below a home/],
    [['versions', user, 'none', '--local'], 66, /no snapshot on this Mac has "none"/],
    [['versions', user, '~/none', '--local'], 66, /no snapshot on this Mac has "none"/],
    [['snapshots', 'daemon', '--local'], 66, /no home of daemon/],
    [['rollback', 'data/tm', 'then', '--before', '"a'], 64, /no command/],
  ] as const)('%j ends with %i', async (words, code, said) => {
    expect(await commandLine.roamhome(...words)).toEqual({
      code,
      out: '',
      said: expect.stringMatching(said) as string,
    });
  });
});
