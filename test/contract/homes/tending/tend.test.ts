import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCommandLine, type CommandLine } from '../../../support/command-line.ts';

const home = 'data/profiles/nobody';
const branch = 'data/profiles-conflicts/nobody-mac7-20261120T064500Z';

/** The server's job as a process, with real files and tar. */
describe.runIf(process.getuid?.() === 0)('what tend does with a branch', () => {
  let commandLine: CommandLine;
  const zfs = (...words: readonly string[]) => commandLine.machine.zfs(...words);
  const tend = async (): Promise<unknown> => {
    const { out, said, code } = await commandLine.roamhome('tend', '--json', '--set', 'role=server');
    expect(code, said).toBe(0);
    const { removed, unproven, problems } = JSON.parse(out) as Record<string, unknown>;
    return { removed, unproven, problems };
  };

  beforeAll(async () => {
    commandLine = await createCommandLine('server');
    const { machine } = commandLine;
    for (const root of ['data/profiles', 'data/profiles-conflicts'])
      await zfs('create', '-o', 'canmount=off', '-o', 'mountpoint=none', root);
    const place = machine.folder('/home');
    await zfs('create', '-o', 'canmount=noauto', '-o', `mountpoint=${place}`, home);
    await zfs('mount', home);
    writeFileSync(join(place, 'novel'), 'a year of work');
    await zfs('snapshot', `${home}@x`);
    const copy = await machine.host.run([
      ...(['sh', '-c'] as const),
      `zfs send ${home}@x | zfs receive -u ${branch} && zfs set roamhome:conflict=nobody ${branch}`,
    ]);
    expect(copy).toMatchObject({ exitCode: 0 });
  });
  afterAll(() => {
    commandLine.remove();
  });

  test('it is read with its home where only root gets to, and put away where all is the same; nothing else is left', async () => {
    const dry = await commandLine.roamhome('tend', '--dry-run', '--json', '--set', 'role=server');
    expect(JSON.parse(dry.out)).toMatchObject({ remove: [], compare: [{ branch, home }], unproven: [] });
    expect(await tend()).toEqual({ removed: [branch], unproven: [], problems: [] });
    const [, kept, ...others] = (await zfs('list', '-Hro', 'name', 'data/roamhome-removed'))
      .trim()
      .split('\n');
    expect([kept, others]).toEqual([
      expect.stringMatching(/^data\/roamhome-removed\/nobody-mac7-20261120T064500Z\.removed-/) as string,
      [],
    ]);
    expect(readdirSync(commandLine.machine.folder('/run/conflicts'))).toEqual([]);
    // What a killed run has left is removed before the next one reads.
    await zfs('rename', kept ?? '', branch);
    await zfs('clone', '-o', 'mountpoint=none', `${home}@x`, 'data/roamhome-removed/compared');
    expect(await tend()).toMatchObject({ removed: [branch] });
  });
});
