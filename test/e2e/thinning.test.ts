import { writeFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { defaultsFor } from '../../src/config/defaults.ts';
import { planThinning } from '../../src/thinning/plan-thinning.ts';
import { parseSchedule } from '../../src/thinning/schedule.ts';
import { listThinnable } from '../../src/zfs/commands/list-thinnable.ts';
import { parseDatasetName } from '../../src/zfs/names.ts';
import { exec, installed, reset, run, sh, type LabHost } from './lab.ts';
import {
  createHome,
  installOnServer,
  login,
  logout,
  markServer,
  serverSaw,
  snapshots,
  type Outcome,
} from './roam.ts';

const home = 'data/profiles/alice';
const { thinning } = defaultsFor('linux', 'server');
const [minute, day] = [60, 86_400];
/** A minute into a block of every interval but the long ones, so that none ends while thinning runs. */
const now = Math.floor(Date.now() / 1000 / 300) * 300 + minute;

async function goesWell(session: Promise<Outcome>): Promise<void> {
  const { code, report } = await session;
  expect({ code, problems: report.problems, warnings: report.warnings }).toEqual({
    code: 0,
    problems: [],
    warnings: [],
  });
}

interface Thinned {
  readonly destroyed: readonly string[];
  readonly held: number;
  readonly released: number;
  readonly problems: readonly string[];
}

async function thin(host: 'server' | 'mac-a', ...options: readonly string[]): Promise<Thinned> {
  const ran = await exec(host, ['roamhome', 'thin', '--json', ...options]);
  expect(ran.code, `${ran.stdout}${ran.stderr}`).toBe(0);
  return JSON.parse(ran.stdout) as Thinned;
}

const setClock = (host: LabHost, seconds: number): Promise<string> => run(host, 'date', '-s', `@${seconds}`);
const namesOn = async (host: LabHost): Promise<readonly string[]> =>
  (await snapshots(host)).map((line) => line.split(' ')[0] ?? '');
const usedBySnapshots = async (): Promise<number> =>
  Number(
    await sh(
      'server',
      `zpool sync data; zpool wait -t free data; zfs get -Hpo value usedbysnapshots ${home}`,
    ),
  );

beforeAll(async () => {
  await reset(installed);
  await installOnServer();
});

test(
  'of 500 snapshots those stay that the pure function keeps; a Mac that was away pulls from a bookmark',
  { timeout: 1_800_000 },
  async () => {
    // Two sessions within one block of every rule, long ago: the second goes, and mac-b has nothing newer.
    const start = now - minute - 400 * day;
    await setClock('mac-a', start);
    await createHome('mac-a');
    await goesWell(logout('mac-a'));
    await setClock('mac-a', start + 2 * minute);
    await goesWell(login('mac-a'));
    await sh('mac-a', 'head -c 4M /dev/urandom > /Users/alice/big');
    await goesWell(logout('mac-a'));
    await goesWell(login('mac-b'));
    await goesWell(logout('mac-b'));
    const away = (await namesOn('mac-b')).at(-1) ?? '';
    expect(await namesOn('server')).toHaveLength(2);

    const every = (count: number, interval: number, youngest: number): readonly number[] =>
      Array.from({ length: count }, (_, i) => now - youngest - (count - 1 - i) * interval);
    const times = [
      ...every(42, day, 7 * day),
      ...every(216, 20 * minute, day),
      ...every(240, 2 * minute, minute),
    ];
    await sh(
      'server',
      `zfs set canmount=noauto mountpoint=/thinning ${home}
     zfs mount ${home}
     rm /thinning/big
     for at in ${times.join(' ')}; do
       date -s "@$at" >/dev/null
       echo "$at" >>/thinning/greeting
       zfs snapshot "${home}@roamhome-$at-server"
     done
     zfs unmount ${home}
     zfs inherit mountpoint ${home}`,
    );
    await setClock('server', now);

    const root = parseDatasetName('data/profiles');
    const list = listThinnable(root);
    const [, ...words] = list.argv;
    const text = await run('server', 'zfs', ...words);
    // What scripts/bench-thinning.mjs plans; ROAMHOME_RECORD=scripts/bench-thinning.tsv records it anew.
    const record = process.env['ROAMHOME_RECORD'];
    if (record !== undefined) await writeFile(record, text);
    const listed = list.parse(text);
    const plan = planThinning(listed, {
      schedule: parseSchedule(thinning.schedule),
      maximumAges: [],
      match: new RegExp(thinning.match),
      elsewhere: () => 'server',
      now,
      lastRun: null,
      force: false,
      onServer: true,
    }).find(({ dataset }) => dataset === home);
    const going = plan?.destroyed.map(({ snapshot }) => snapshot.name) ?? [];
    expect(listed.find(({ name }) => name === home)?.snapshots).toHaveLength(500);
    expect(going.length).toBeGreaterThan(250);
    expect(going).toContain(`${home}@${away}`);

    const before = await usedBySnapshots();
    const thinned = await thin('server', '--server');
    expect(thinned).toMatchObject({ problems: [], held: 0, released: 0 });
    expect([...thinned.destroyed].sort()).toEqual([...going].sort());
    const left = plan?.kept.map(({ snapshot }) => snapshot.name.replace(`${home}@`, ''));
    expect(await namesOn('server')).toEqual(left);
    expect(before - (await usedBySnapshots())).toBeGreaterThan(4_000_000);
    await setClock('server', now);
    expect((await thin('server', '--server')).destroyed).toEqual([]);

    const mark = await markServer();
    await goesWell(login('mac-b'));
    const { commands } = await serverSaw(mark);
    expect(commands.filter((line) => line.includes(' -i '))).toEqual([
      expect.stringContaining(`${home}#roamhome-thinned-`),
    ]);
    expect(await sh('mac-b', 'tail -n 1 /Users/alice/greeting; ls /Users/alice')).toBe(
      `${times.at(-1)}\ngreeting\n`,
    );
    await goesWell(logout('mac-b'));

    // mac-a has both of the old sessions: what the server gave up may go here too, once it is not the newest in common.
    await setClock('mac-a', now);
    const leap = await exec('mac-a', ['roamhome', 'thin']);
    expect(leap.code).toBe(78);
    expect(leap.stderr).toMatch(/it passed over (399|400) days after/);
    await goesWell(login('mac-a'));
    expect((await thin('mac-a')).destroyed).toEqual([`${home}@${away}`]);
    expect(await namesOn('mac-a')).toEqual(left);
  },
);

test('a server that knows no receive:append has its newest snapshots held, one at a time', async () => {
  const head = async (): Promise<string> => `${home}@${(await namesOn('server')).at(-1) ?? ''}`;
  await sh(
    'server',
    `for user in zfs_mobile_sync zfs_plain; do for root in data/profiles data/profiles-conflicts; do
       zfs unallow -u $user receive:append $root; zfs allow -u $user receive $root
     done; done`,
  );
  const held = async (): Promise<string> =>
    sh('server', `zfs list -Ho name -t snapshot ${home} | xargs zfs holds -H | cut -f 1,2`);
  expect(await thin('server', '--server')).toMatchObject({ held: 1, released: 0, problems: [] });
  const first = await head();
  expect(await held()).toBe(`${first}\troamhome\n`);
  await run('server', 'zfs', 'snapshot', `${home}@roamhome-next`);
  expect(await thin('server', '--server')).toMatchObject({ held: 1, released: 1, problems: [] });
  expect(await held()).toBe(`${await head()}\troamhome\n`);
});
