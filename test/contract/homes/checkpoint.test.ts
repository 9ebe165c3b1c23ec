import { chownSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCommandLine, type CommandLine } from '../../support/command-line.ts';

// Of a user and a group that every Debian has: the command line asks the system who it is.
const user = 'nobody';
const home = `data/profiles/${user}`;

describe.runIf(process.getuid?.() === 0)('roamhome checkpoint, no server', () => {
  let commandLine: CommandLine;

  beforeAll(async () => {
    commandLine = await createCommandLine('mac');
    const { machine } = commandLine;
    await machine.zfs('create', '-o', 'canmount=off', '-o', 'mountpoint=none', 'data/profiles');
    const place = machine.folder(`/Users/${user}`);
    await machine.zfs('create', '-o', 'canmount=noauto', '-o', `mountpoint=${place}`, home);
    await machine.zfs('snapshot', `${home}@x`);
  });

  afterAll(() => {
    commandLine.remove();
  });

  const roamhome = (...words: readonly string[]) => {
    const spool = `local.spoolDir=${commandLine.machine.folder('/pending')}`;
    return commandLine.roamhome('checkpoint', ...words, '--set', spool, '--set', 'syncGroup=nogroup');
  };
  const snapshots = async (): Promise<readonly string[]> =>
    (await commandLine.machine.zfs('list', '-H', '-o', 'name', '-t', 'snapshot', home)).trim().split('\n');

  test('finds the homes in use, snapshots what changed there, and says what is not sent', async () => {
    const { machine } = commandLine;
    expect(await roamhome()).toEqual({ code: 0, out: 'no home is in use here\n', said: '' });
    expect(await roamhome(user)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/is not mounted/) as string,
    });
    expect(await roamhome('daemon')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/not a member/) as string,
    });

    await machine.zfs('mount', home);
    const file = join(machine.folder(`/Users/${user}`), 'novel');
    writeFileSync(file, 'a'.repeat(5000));
    chownSync(file, 65_534, 65_534);
    const planned = await roamhome('--dry-run');
    expect(planned).toMatchObject({ code: 78, said: expect.stringMatching(/server\.address/) as string });
    expect(await snapshots()).toEqual([`${home}@x`]);

    const done = await roamhome();
    expect(done).toEqual({
      code: 78,
      out: expect.stringMatching(/^nobody: snapshot roamhome-\S+, still pending \(.*\)\n$/) as string,
      said: expect.stringMatching(/server\.address/) as string,
    });
    expect(await snapshots()).toHaveLength(2);
    const again = await roamhome('--json');
    expect(again).toMatchObject({ code: 78, said: '' });
    expect(JSON.parse(again.out)).toMatchObject({
      homes: [{ user, outcome: 'still-pending', snapshot: null, problems: [{ code: 'config-invalid' }] }],
    });
    expect(await snapshots()).toHaveLength(2);
    expect(await machine.zfs('list', '-H', '-o', 'mounted', home)).toBe('yes\n');
  });

  test('one home that fails does not stop the others, and the exit code tells of it', async () => {
    const { machine } = commandLine;
    const place = machine.folder('/Users/ghost');
    await machine.zfs('create', '-o', 'canmount=noauto', '-o', `mountpoint=${place}`, 'data/profiles/ghost');
    await machine.zfs('mount', 'data/profiles/ghost');
    writeFileSync(join(machine.folder(`/Users/${user}`), 'novel'), 'b'.repeat(6000));
    const before = (await snapshots()).length;
    const done = await roamhome();
    expect(done.code).toBe(67);
    expect(done.out.replace(/roamhome-\S+,/, 'NAME,').split('\n')).toEqual([
      'ghost: NO snapshot (this Mac knows no user ghost)',
      expect.stringMatching(/^nobody: snapshot NAME, still pending/),
      '',
    ]);
    expect(await snapshots()).toHaveLength(before + 1);
  });
});
