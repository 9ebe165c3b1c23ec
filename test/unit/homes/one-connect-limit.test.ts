import { expect, test } from 'vitest';
import { RoamhomeError } from '../../../src/errors/errors.ts';
import type { Host } from '../../../src/host/host.ts';
import { login } from '../../../src/homes/login.ts';
import { logout } from '../../../src/homes/logout.ts';
import { pushPending } from '../../../src/homes/push-pending.ts';
import type { Session } from '../../../src/homes/session.ts';
import { createSyncZfs } from '../../../src/zfs/sync-zfs.ts';
import { FaultyRun } from '../../support/model/faults.ts';
import {
  copyWorld,
  createWorld,
  edit,
  runAgent,
  sessionOn,
  type Mac,
  type World,
} from '../../support/model/world.ts';

/** A server that answers no more from its n-th command on. Each try to connect after that takes the whole limit. */
function goesAway(session: Session, host: Host, commands: number) {
  let [done, tries, hasGone] = [0, 0, commands === 0];
  let trying: Promise<never> | null = null;
  const gone = (code: 'connection-lost' | 'server-unreachable'): RoamhomeError =>
    new RoamhomeError({ code, message: 'no answer', remedy: 'none', retryable: true });
  // As one connection has it: who comes while it is tried waits for the same try.
  const tryAgain = (): Promise<never> => {
    trying ??= (async () => {
      tries += 1;
      await session.sleep(10_000);
      await new Promise((resolve) => setImmediate(resolve));
      trying = null;
      throw gone('server-unreachable');
    })();
    return trying;
  };
  const before = async (): Promise<void> => {
    if (hasGone) await tryAgain();
    done += 1;
    if (done < commands) return;
    hasGone = true;
    throw gone('connection-lost');
  };
  const away: Host = {
    ...host,
    run: async (argv, options) => {
      await before();
      return host.run(argv, options);
    },
    stream: async (argv, options) => {
      await before();
      return host.stream(argv, options);
    },
  };
  const zfs = createSyncZfs(away, { command: () => undefined, warning: () => undefined });
  const server = { ...session.server, zfs, connect: async () => (hasGone ? tryAgain() : undefined) };
  return { session: { ...session, server }, tries: () => tries, isAway: () => hasGone };
}

const runs = { login, logout, push: pushPending } as const;

/** How often the run tries to connect to a server that is away, wherever it goes away. */
async function triesOf(world: World, index: number, what: keyof typeof runs): Promise<readonly number[]> {
  const all: number[] = [];
  for (let commands = 0; commands < 60; commands++) {
    const copy = copyWorld(world);
    const mac = copy.macs[index]!;
    const made = goesAway(sessionOn(copy, mac, new FaultyRun(null)), mac.toServer, commands);
    await runs[what](made.session);
    all.push(made.tries());
    if (!made.isAway()) return all;
  }
  throw new Error('a run of 60 commands on the server');
}

async function session(world: World, mac: Mac): Promise<void> {
  await runAgent(world, mac, 'login', null);
  edit(world, mac);
  await runAgent(world, mac, 'logout', null);
  world.now += 60_000;
}

/** Both Macs have the home, with a dataset below it and a volume; the first is logged in and has worked. */
async function atWork(): Promise<World> {
  const world = await createWorld({ children: true, volumes: true });
  const [first, second] = world.macs as readonly [Mac, Mac, Mac];
  edit(world, first);
  await runAgent(world, first, 'logout', null);
  await session(world, second);
  await runAgent(world, first, 'login', null);
  edit(world, first);
  return world;
}

/** The same, and the server has what the second Mac has made meanwhile. */
async function inConflict(): Promise<World> {
  const world = await atWork();
  const [first, second] = world.macs as readonly [Mac, Mac, Mac];
  first.online = false;
  await runAgent(world, first, 'logout', null);
  first.online = true;
  await session(world, second);
  return world;
}

test.each([
  ['a logout', atWork, 'logout'],
  ['a login with work that was not sent', inConflict, 'login'],
  ['the job that sends what waits', inConflict, 'push'],
  [
    'a login with nothing to do',
    async () => {
      const world = await atWork();
      await runAgent(world, world.macs[0]!, 'logout', null);
      return world;
    },
    'login',
  ],
] as const)(
  'a server that answers no more costs %s at most one limit of connecting',
  async (_what, make, run) => {
    const world = await make();
    const tries = await triesOf(world, 0, run);
    const [never, ...later] = tries;
    expect(never).toBe(1);
    expect(later.length).toBeGreaterThan(1);
    // The loss itself has taken as long as a limit: nobody waits for another after it.
    expect(Math.max(...later), tries.join(' ')).toBe(0);
  },
);
