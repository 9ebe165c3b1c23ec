import { beforeAll, beforeEach, expect, test } from 'vitest';
import { installed, lab, reset, sh, type LabHost } from './lab.ts';
import { createHome, describeTree, login, logout, snapshots } from './roam.ts';
import { expectSameTree } from './trees.ts';

/** Alice has been logged in on both Macs, and is nowhere now: all three have the same. */
const everywhere = 'foreign-everywhere';
const home = 'data/profiles/alice';

beforeAll(async () => {
  await reset(installed);
  await createHome('mac-a');
  await goesWell(logout('mac-a'));
  await goesWell(login('mac-b'));
  await goesWell(logout('mac-b'));
  await lab('save', everywhere);
});

beforeEach(async () => {
  await reset(everywhere);
});

async function goesWell(run: ReturnType<typeof login>): Promise<void> {
  expect(await run).toMatchObject({ code: 0, report: { problems: [], warnings: [] } });
}

async function change(mac: LabHost, words: string): Promise<void> {
  await sh(mac, `echo '${words}' >>/Users/alice/greeting`);
}

/** Logs out on one Mac and in on the other, which must show what was there. */
async function move(from: LabHost, to: LabHost): Promise<void> {
  const left = await describeTree(from);
  await goesWell(logout(from));
  await goesWell(login(to));
  expectSameTree(await describeTree(to), left);
}

const names = async (host: LabHost): Promise<readonly string[]> =>
  (await snapshots(host)).map((line) => line.split(' ')[0] ?? '');
/** Of the snapshot of that name on a host. */
const guidOn = async (host: LabHost, name: string): Promise<string | undefined> =>
  (await snapshots(host)).find((line) => line.startsWith(`${name} `))?.split(' ')[1];
const guids = async (host: LabHost): Promise<readonly string[]> =>
  (await snapshots(host)).map((line) => line.split(' ')[1] ?? '');

test("an admin's snapshots on the server between two logins stop nothing, and travel with the next changes", async () => {
  await sh('server', `zfs snapshot ${home}@admin-1`);
  await goesWell(login('mac-a'));
  await change('mac-a', 'from a');
  await sh('server', `zfs snapshot ${home}@admin-2`);
  // Out to the server over both, and in on the other Mac.
  await move('mac-a', 'mac-b');
  expect(await names('server')).toEqual(expect.arrayContaining(['admin-1', 'admin-2']));

  // The other way: they lie between what mac-a has and what it lacks. Without the right to hold they come one by one.
  await sh('server', 'zfs unallow -u zfs_mobile_sync hold data/profiles');
  await change('mac-b', 'from b');
  await sh('server', `zfs snapshot ${home}@admin-3`);
  await move('mac-b', 'mac-a');
  await change('mac-a', 'from a again');
  await move('mac-a', 'mac-b');
  expect(await names('server')).toEqual(expect.arrayContaining(['admin-1', 'admin-2', 'admin-3']));
});

test("a snapshot tool's on the Mac while logged in, with changes and without, are kept and stop nothing", async () => {
  await goesWell(login('mac-a'));
  await sh('mac-a', `zfs snapshot ${home}@autosnap_2026-11-20_10:00:00_hourly`);
  await change('mac-a', 'in the second');
  await sh('mac-a', `zfs snapshot ${home}@autosnap_2026-11-20_11:00:00_hourly`);
  await change('mac-a', 'in none');
  await move('mac-a', 'mac-b');
  const tools = ['autosnap_2026-11-20_10:00:00_hourly', 'autosnap_2026-11-20_11:00:00_hourly'];
  expect(await names('server')).toEqual(expect.arrayContaining(tools));
  expect(await guids('mac-b')).toEqual(await guids('server'));

  // On the Mac that received, nothing changes but a snapshot is made; then one holds all that changed.
  await sh('mac-b', `zfs snapshot ${home}@autosnap_2026-11-20_12:00:00_hourly`);
  await move('mac-b', 'mac-a');
  await change('mac-a', 'all of it in the next');
  await sh(
    'mac-a',
    `zfs unmount ${home}; zfs snapshot ${home}@autosnap_2026-11-20_13:00:00_hourly; zfs mount ${home}`,
  );
  await move('mac-a', 'mac-b');
  expect(await names('mac-b')).toContain('autosnap_2026-11-20_13:00:00_hourly');
});

test('snapshots of one name but different content on all three: each keeps its own, the changes arrive', async () => {
  const name = 'autosnap_2026-11-20_10:00:00_hourly';
  const own = (host: LabHost): Promise<string> => sh(host, `zfs snapshot ${home}@${name}`);
  await own('server');
  await goesWell(login('mac-a'));
  await change('mac-a', 'in the snapshot');
  await own('mac-a');
  await change('mac-a', 'after the snapshot');
  await own('mac-b');
  await move('mac-a', 'mac-b');
  await change('mac-b', 'from b');
  await move('mac-b', 'mac-a');
  const kept = await Promise.all((['server', 'mac-a', 'mac-b'] as const).map((host) => guidOn(host, name)));
  expect(new Set(kept).size).toBe(3);
  expect(kept).not.toContain(undefined);
});

test('the newest snapshot is one whose name the server has for another: it arrives under a name of its own', async () => {
  const name = 'autosnap_2026-11-20_10:00:00_hourly';
  await sh('server', `zfs snapshot ${home}@${name}`);
  await goesWell(login('mac-a'));
  await change('mac-a', 'all of it in the snapshot');
  // Clean and unmounted when the tool comes: the logout has nothing to add to it.
  await sh('mac-a', `zfs unmount ${home}; zfs snapshot ${home}@${name}; zfs mount -o ro ${home}`);
  await move('mac-a', 'mac-b');
  const guid = await guidOn('mac-a', name);
  expect(await guidOn('server', `${name}-${guid}`)).toBe(guid);
  expect(await guidOn('server', name)).not.toBe(guid);
  await change('mac-b', 'from b');
  await move('mac-b', 'mac-a');
});
