import { describe, expect, test } from 'vitest';
import { logout } from '../../../src/homes/logout.ts';
import { pushPending, type PushOutcome } from '../../../src/homes/push-pending.ts';
import type { SessionReport } from '../../../src/homes/report.ts';
import type { Session } from '../../../src/homes/session.ts';
import { mountedFiles } from '../../../src/simulator/files/files.ts';
import { tend } from '../../../src/homes/tending/tend.ts';
import { FaultyRun, type Fault } from '../../support/model/faults.ts';
import { inHome, onServer } from '../../support/model/invariants.ts';
import {
  createWorld,
  edit,
  runAgent,
  sessionOn,
  tendingOf,
  type Mac,
  type World,
} from '../../support/model/world.ts';

const home = 'data/profiles/alice';

type Kind = Session['config']['policies']['sendFlags'];

/** The session of a Mac whose own settings send a home that nothing is known of as this kind of stream. */
function by(kind: Kind, world: World, mac: Mac, fault: Fault): Session {
  const session = sessionOn(world, mac, new FaultyRun(fault));
  return {
    ...session,
    config: { ...session.config, policies: { ...session.config.policies, sendFlags: kind } },
  };
}

const out = (kind: Kind, world: World, mac: Mac, fault: Fault = null): Promise<SessionReport> =>
  logout(by(kind, world, mac, fault));
const send = (kind: Kind, world: World, mac: Mac): Promise<PushOutcome> =>
  pushPending(by(kind, world, mac, null));

/** Work that takes some time to send. */
function work(world: World, mac: Mac): readonly string[] {
  world.now += 60_000;
  edit(world, mac);
  mountedFiles(mac.machine, home).write(`kept-big-${world.edits}`, 'x'.repeat(200_000));
  return inHome(mac.machine);
}

/** An encrypted home on the first Mac, in which its user works. */
async function encryptedHome(): Promise<{
  readonly world: World;
  readonly first: Mac;
  readonly second: Mac;
}> {
  const world = await createWorld({ children: false, raw: true });
  const [first, second] = world.macs as readonly [Mac, Mac];
  return { world, first, second };
}

/** What the server could read of it: datasets with content that came unencrypted. */
const readableThere = ({ server }: World): readonly string[] =>
  [...server.datasets.values()]
    .filter(
      ({ encryptionRoot, snapshots, partial }) =>
        encryptionRoot === null &&
        (partial !== null || snapshots.some(({ tree }) => [...tree.keys()].some((path) => path !== ''))),
    )
    .map(({ name }) => name);

/** The server's job, before and after the time that an interrupted transfer may wait. */
async function giveUpPartials(world: World): Promise<void> {
  const job = tendingOf(world);
  await tend(job);
  world.now += 2 * job.idleMs;
  await tend(job);
}

const cut: Fault = { kind: 'cut-at-byte', bytes: 60_000 };

describe('a home that is sent as it is encrypted', () => {
  test('stays unreadable on the server though its first push is cut, and another setting sends the rest', async () => {
    const { world, first, second } = await encryptedHome();
    const written = work(world, first);
    expect(await out('raw', world, first, cut)).toMatchObject({ pending: true });
    expect(world.server.datasets.get(home)?.partial).not.toBeNull();
    expect(await send('auto', world, first)).toMatchObject({
      outcome: 'sent',
      conflict: false,
      problems: [],
    });
    expect(readableThere(world)).toEqual([]);
    expect(await runAgent(world, second, 'login', null)).toMatchObject({ mounted: true, problems: [] });
    expect(inHome(second.machine)).toEqual(written);
  });

  test('stays so where the server has it, and does not say of what kind it is', async () => {
    const { world, first, second } = await encryptedHome();
    work(world, first);
    expect(await out('raw', world, first)).toMatchObject({ pending: false });
    await world.admin.run(['zfs', 'inherit', 'roamhome:sendflags', home]);
    await runAgent(world, first, 'login', null);
    const written = work(world, first);
    expect(await out('raw', world, first, cut)).toMatchObject({ pending: true });
    expect(await send('auto', world, first)).toMatchObject({
      outcome: 'sent',
      conflict: false,
      problems: [],
    });
    expect(readableThere(world)).toEqual([]);
    expect(await runAgent(world, second, 'login', null)).toMatchObject({ mounted: true, problems: [] });
    expect([...inHome(second.machine)].sort()).toEqual([...written].sort());
  });

  test('does not go on with what was sent readable before, and reaches every Mac', async () => {
    const { world, first, second } = await encryptedHome();
    const written = [...work(world, first)];
    expect(await out('auto', world, first, cut)).toMatchObject({ pending: true });
    expect(readableThere(world)).toEqual([home]);
    await world.admin.run(['zfs', 'set', 'roamhome:sendflags=w', home]);
    // Beside it, until the server gives up what is in its place.
    expect(await send('raw', world, first)).toMatchObject({ outcome: 'still-pending', conflict: false });
    for (const content of written) expect(onServer(world)).toContain(content);
    await giveUpPartials(world);
    expect(readableThere(world)).toEqual([]);
    await runAgent(world, first, 'login', null);
    written.push(...work(world, first));
    expect(await out('raw', world, first)).toMatchObject({ pending: false, problems: [] });
    expect(readableThere(world)).toEqual([]);
    expect(await runAgent(world, second, 'login', null)).toMatchObject({ mounted: true, problems: [] });
    for (const content of written) expect(inHome(second.machine)).toContain(content);
  });
});
