import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { thinSnapshots, type Departing } from '../../../src/zfs/commands/remove.ts';
import { parseBookmarkName, parseDatasetName, parseSnapshotName } from '../../../src/zfs/names.ts';
import { createSyncZfs } from '../../../src/zfs/sync-zfs.ts';
import { createCommandLine, type CommandLine } from '../../support/command-line.ts';

const home = 'data/profiles/alice';
const schedule = ['--set', 'thinning.schedule=1'];
/** As `roamhome provision server` writes it. */
const server = ['--set', 'role=server'];

describe.runIf(process.getuid?.() === 0)('roamhome thin', () => {
  let commandLine: CommandLine;

  beforeAll(async () => {
    commandLine = await createCommandLine('server');
    const { machine } = commandLine;
    for (const dataset of ['data/profiles', home])
      await machine.zfs('create', '-o', 'mountpoint=none', dataset);
    for (const name of ['a', 'b', 'c']) await machine.zfs('snapshot', `${home}@roamhome-${name}`);
    await machine.zfs('snapshot', `${home}@tool`);
  });

  afterAll(() => {
    commandLine.remove();
  });

  const names = async (): Promise<readonly string[]> =>
    (await commandLine.machine.zfs('list', '-H', '-o', 'name', '-t', 'snapshot', home)).trim().split('\n');

  test('says what would go, without touching it; then destroys it, and holds what is newest', async () => {
    const { roamhome, machine } = commandLine;
    const explained = await roamhome('thin', '--server', ...server, '--explain', ...schedule);
    expect(explained).toMatchObject({ code: 0, said: '' });
    expect(explained.out.split('\n').map((line) => line.replace(/\d{4}-\S+ \S+/, 'THEN'))).toEqual([
      `${home}: 1 of 4 snapshots to remove, which frees 0 B`,
      '  keep    THEN    96.0 KiB  @roamhome-a: the next transfer starts from it',
      '  remove  THEN         0 B  @roamhome-b: not one of the newest 1',
      '  keep    THEN         0 B  @roamhome-c: the newest; one of the newest 1',
      '  keep    THEN         0 B  @tool: the newest; not made by Roamhome',
      // Nobody is seen to have receive:append there.
      `hold ${home}@tool: it is the newest, and a Mac could roll it back`,
      '',
    ]);
    expect(await names()).toHaveLength(4);

    expect(await roamhome('thin', ...schedule)).toMatchObject({
      code: 78,
      said: expect.stringMatching(/server\.address/) as string,
    });
    expect(await names()).toHaveLength(4);

    expect(await roamhome('thin', '--server', ...server, ...schedule)).toEqual({
      code: 0,
      out: 'thin: 1 snapshots and 0 old bookmarks destroyed, 1 newest snapshots held, 0 problems\n',
      said: '',
    });
    expect(await names()).toEqual([`${home}@roamhome-a`, `${home}@roamhome-c`, `${home}@tool`]);
    const marks = await machine.zfs('list', '-H', '-o', 'name', '-t', 'bookmark', home);
    expect(marks).toMatch(/^\S+#roamhome-thinned-\d{8}-\d+\n$/);
    expect(await roamhome('thin', '--server', ...server, '--json', ...schedule)).toMatchObject({
      code: 0,
      said: '',
    });
    const both = await roamhome('thin', '--server', ...server, '--tend', '--json', ...schedule);
    expect([both.code, JSON.parse(both.out)]).toEqual([
      0,
      {
        ...{ roamhome: 1, ok: true, exitCode: 0 },
        thin: expect.objectContaining({ destroyed: [], problems: [] }) as object,
        tend: { aborted: [], removed: [], destroyed: [], unproven: [], busy: [], problems: [] },
      },
    ]);
    expect(await roamhome('thin', '--server', ...server, '--set', 'thinning.schedule=often')).toMatchObject({
      code: 78,
    });
  });

  test('the program that thins reaches a zfs of its own process', async () => {
    const { machine } = commandLine;
    const spare = 'data/profiles/spare';
    await machine.zfs('create', '-o', 'mountpoint=none', spare);
    for (const name of ['a', 'b', 'c', 'd']) await machine.zfs('snapshot', `${spare}@${name}`);
    await machine.zfs('hold', 'keep', `${spare}@c`);
    const zfs = createSyncZfs(machine.host, { command: () => undefined, warning: () => undefined });
    const departing = (from: string, to: string | null): Departing => ({
      snapshot: parseSnapshotName(`${spare}@${from}`),
      bookmark: to === null ? null : parseBookmarkName(`${spare}#${to}`),
    });
    const going = [
      departing('d', null),
      departing('c', 'c'),
      departing('b', 'b'),
      departing('a', 'b'),
    ] as const;
    const dataset = parseDatasetName(spare);
    expect(await zfs.run(thinSnapshots(dataset, [...going]))).toEqual([0, 16, 0, 17]);
    expect(await machine.zfs('list', '-H', '-o', 'name', '-t', 'snapshot,bookmark', '-r', spare)).toBe(
      `${spare}@a\n${spare}@c\n${spare}#b\n`,
    );
    // It ends without reading.
    const nowhere = thinSnapshots(parseDatasetName('nopool/alice'), [departing('a', null)]);
    await expect(zfs.run(nowhere)).rejects.toMatchObject({ code: 'dataset-missing' });
  });

  test('thinning and tending are one job of the server', async () => {
    const { roamhome } = commandLine;
    const both = await roamhome('thin', '--server', ...server, '--tend', ...schedule);
    expect(both).toMatchObject({ code: 0, said: '' });
    expect(both.out).toMatch(/^tend: 0 transfers given up, .* 0 problems\nthin: .* 0 problems\n$/);

    const broken = await roamhome(
      'thin',
      '--server',
      ...server,
      '--tend',
      '--set',
      'thinning.schedule=often',
    );
    expect(broken.code).toBe(78);
    expect(broken.said).toContain('thinning.schedule');
    expect(broken.out).toMatch(/^tend: 0 transfers/);

    expect(await roamhome('thin', '--tend')).toMatchObject({ code: 64, out: '' });
  });
});
