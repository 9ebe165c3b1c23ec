import { describe, expect, test } from 'vitest';
import { RoamhomeError } from '../../../src/errors/errors.ts';
import { exitCodeOfSession } from '../../../src/cli/session/exit.ts';
import { reportToJson } from '../../../src/cli/session/json.ts';
import { checkpoint } from '../../../src/homes/checkpoint.ts';
import { dryRun } from '../../../src/homes/dry-run.ts';
import { login } from '../../../src/homes/login.ts';
import { logout } from '../../../src/homes/logout.ts';
import { pushPending } from '../../../src/homes/push-pending.ts';
import { summarise } from '../../../src/homes/report.ts';
import type { Session } from '../../../src/homes/session.ts';
import { FaultyRun } from '../../support/model/faults.ts';
import { inHome, onServer, recordOf } from '../../support/model/invariants.ts';
import {
  createWorld,
  edit,
  isMounted,
  runAgent,
  sessionOn,
  type Mac,
  type World,
} from '../../support/model/world.ts';

interface Desk {
  readonly world: World;
  readonly mac: Mac;
  /** alice's sessions besides the one that a run is for, how many processes she has, and how often all were ended. */
  readonly alice: { sessions: readonly string[] | Error; processes: number; ended: number };
  readonly session: () => Session;
}

/** A home that has been logged in to, with work in it. */
async function atWork(): Promise<Desk> {
  const world = await createWorld({ children: false });
  const [mac] = world.macs as readonly [Mac];
  edit(world, mac);
  await runAgent(world, mac, 'logout', null);
  await runAgent(world, mac, 'login', null);
  world.now += 60_000;
  edit(world, mac);
  const alice = { sessions: ['session 5 (sshd)'], processes: 1, ended: 0 } as Desk['alice'];
  const session = (): Session => {
    const plain = sessionOn(world, mac, new FaultyRun(null));
    return {
      ...plain,
      platform: {
        ...plain.platform,
        otherSessions: () =>
          alice.sessions instanceof Error ? Promise.reject(alice.sessions) : Promise.resolve(alice.sessions),
        countProcesses: () => Promise.resolve(alice.processes),
        endProcesses: () => {
          alice.ended += 1;
          return Promise.resolve(0);
        },
      },
    };
  };
  return { world, mac, alice, session };
}

const record = ({ world }: Desk): string | null => recordOf(world);

describe('a logout while another session of the user goes on', () => {
  test('sends what changed, and ends, unmounts and gives up nothing', async () => {
    const desk = await atWork();
    const { world, mac, alice, session } = desk;
    const before = record(desk);
    expect(before).not.toBeNull();
    const report = await logout(session());
    expect(report).toMatchObject({
      mounted: true,
      pending: false,
      secured: true,
      problems: [],
      otherSessions: ['session 5 (sshd)'],
      warnings: [
        expect.stringMatching(/^alice is still logged in here: session 5 \(sshd\); nothing was ended/),
      ],
    });
    expect(report.snapshot).not.toBeNull();
    expect(alice.ended).toBe(0);
    expect(isMounted(mac)).toBe(true);
    expect(record(desk)).toBe(before);
    for (const content of inHome(mac.machine)) expect(onServer(world)).toContain(content);
    expect(summarise(report, 'logout')).toMatch(/^logout of alice: sent .*, still logged in here$/);
    expect(exitCodeOfSession('logout', report, session().config.policies)).toBe(0);
    expect(reportToJson(report, 'logout')).toHaveProperty('otherSessions', ['session 5 (sshd)']);
  });

  test('makes no snapshot where no file changed, and is repeated without harm', async () => {
    const { mac, session } = await atWork();
    await logout(session());
    expect(await logout(session())).toMatchObject({ snapshot: null, mounted: true, problems: [] });
    expect(isMounted(mac)).toBe(true);
  });

  test('that cannot send is pending, and the home stays', async () => {
    const { mac, session } = await atWork();
    const away = new RoamhomeError({ code: 'server-unreachable', message: 'away', remedy: 'wait' });
    const offline = session();
    const report = await logout({
      ...offline,
      server: { ...offline.server, connect: () => Promise.reject(away) },
    });
    expect(report).toMatchObject({ mounted: true, pending: true, problems: [away] });
    expect(report.snapshot).not.toBeNull();
    expect(isMounted(mac)).toBe(true);
    expect(await pushPending(session())).toMatchObject({ outcome: 'sent' });
  });

  test('leaves the rest to a job, which unmounts the home and gives up the record once all is over', async () => {
    const desk = await atWork();
    const { world, mac, alice, session } = desk;
    await logout(session());
    edit(world, mac);
    expect(await checkpoint(session())).toMatchObject({ outcome: 'sent' });
    expect(await pushPending(session())).toMatchObject({ outcome: 'sent' });
    expect([isMounted(mac), [...mac.pending.keys()]]).toEqual([true, ['alice']]);
    expect(record(desk)).not.toBeNull();
    alice.sessions = [];
    alice.processes = 0;
    expect(await pushPending(session())).toMatchObject({ outcome: 'sent', problems: [] });
    expect([isMounted(mac), mac.pending.size, record(desk), alice.ended]).toEqual([false, 0, null, 0]);
  });

  test('says so before it does anything', async () => {
    const { session } = await atWork();
    const lines = await dryRun(session(), 'logout');
    expect(lines[0]?.words).toBe(
      'alice is still logged in here: session 5 (sshd): nothing is ended or unmounted',
    );
    expect(lines.flatMap(({ commands }) => commands.map(({ argv }) => argv[1]))).not.toContain('unmount');
  });

  test('that is not known of is a logout like any other, and is in the log', async () => {
    const { mac, alice, session } = await atWork();
    alice.sessions = new RoamhomeError({ code: 'command-failed', message: 'no bus', remedy: 'none' });
    const logged: string[] = [];
    const plain = session();
    const log = { ...plain.log, warn: (event: string) => void logged.push(event) };
    expect(await logout({ ...plain, log })).toMatchObject({
      mounted: false,
      problems: [],
      otherSessions: [],
    });
    expect([alice.ended, isMounted(mac)]).toEqual([1, false]);
    expect(logged).toContain('sessions-unknown');
  });
});

test('a login beside another session of the user takes the home from nobody', async () => {
  const { mac, session } = await atWork();
  const plain = session();
  const commands: string[] = [];
  const run: typeof plain.local.run = (command, options) => {
    commands.push(command.argv[1] ?? '');
    return plain.local.run(command, options);
  };
  const report = await login({ ...plain, local: { ...plain.local, run } });
  expect(report).toMatchObject({
    mounted: true,
    problems: [],
    warnings: [expect.stringMatching(/^alice is still logged in here: session 5/)],
  });
  expect(report.snapshot).not.toBeNull();
  expect(commands).not.toContain('unmount');
  expect(isMounted(mac)).toBe(true);
});
