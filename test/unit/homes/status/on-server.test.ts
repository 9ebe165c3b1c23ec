import { beforeAll, describe, expect, test } from 'vitest';
import { briefStatus, statusTable, statusToJson, type StatusView } from '../../../../src/cli/status/text.ts';
import { worstOf } from '../../../../src/format/level.ts';
import { localTime } from '../../../../src/format/time.ts';
import { collectStatus, type Status } from '../../../../src/homes/status/collect.ts';
import { remarksOn } from '../../../../src/homes/status/judge.ts';
import { prometheusText } from '../../../../src/homes/status/prometheus.ts';
import { judgeMacs, seenMacs } from '../../../../src/homes/status/seen-macs.ts';
import { parseDatasetName } from '../../../../src/zfs/names.ts';
import { createSyncZfs } from '../../../../src/zfs/sync-zfs.ts';
import { createBench, pipe, type Bench } from '../../../support/simulator/machine.ts';

const root = parseDatasetName('data/profiles');
const conflictsRoot = parseDatasetName('data/profiles-conflicts');
const hourMs = 3_600_000;
const now = Date.UTC(2026, 10, 30, 12);
const ago = (hours: number): number => now - hours * hourMs;
const stamp = (at: number): string => new Date(at).toISOString().replaceAll(/[-:]/g, '');
const record = (mac: string, at: number): string =>
  `roamhome:session=${mac},${new Date(at).toISOString().slice(0, 19)}Z`;

/** A server with 200 homes, of which each had a session yesterday, on its own Mac; and what went wrong since. */
async function school(): Promise<{
  readonly bench: Bench;
  readonly commands: string[];
  readonly status: Status;
}> {
  let clock = ago(24 * 90);
  const bench = createBench({ now: () => clock });
  const snapshot = async (dataset: string, mac: string, at: number): Promise<void> => {
    clock = at;
    await bench.ok(`snapshot ${dataset}@roamhome-${stamp(at)}-${mac}`);
  };
  for (const one of [root, conflictsRoot]) await bench.ok(`create -o canmount=off -o mountpoint=none ${one}`);
  const users = Array.from({ length: 200 }, (_, i) => `pupil${String(i + 1).padStart(3, '0')}`);
  for (const user of users) await bench.ok(`create ${root}/${user}`);
  const at = new Map(users.map((user, i) => [user, i + 1]));
  // One after the other, as a pool's transaction groups are.
  await snapshot(`${root}/pupil199`, 'mac199', ago(24 * 45));
  await snapshot(`${root}/pupil003`, 'mac3', ago(24 * 20));
  await bench.ok(
    `clone ${root}/pupil003@roamhome-${stamp(ago(24 * 20))}-mac3 ${conflictsRoot}/pupil003-mac3-20261110T120000Z`,
  );
  await bench.ok(`set roamhome:conflict=pupil003 ${conflictsRoot}/pupil003-mac3-20261110T120000Z`);
  await snapshot(`${conflictsRoot}/pupil003-mac3-20261110T120000Z`, 'mac3', ago(24 * 19));
  for (const user of ['pupil007', 'pupil012'])
    await snapshot(`${root}/${user}`, `mac${at.get(user) ?? 0}`, ago(24 * 9));
  await bench.ok(`set ${record('mac12', ago(24 * 4))} ${root}/pupil012`);
  await snapshot(`${root}/pupil012`, 'mac12', ago(24 * 3));
  for (const user of users.filter((one) => !['pupil007', 'pupil012', 'pupil199'].includes(one)))
    await snapshot(`${root}/${user}`, `mac${at.get(user) ?? 0}`, ago(20));
  await bench.ok(`set ${record('mac7', ago(24 * 8))} ${root}/pupil007`);
  await bench.ok(`set ${record('mac8', ago(24 * 5))} ${root}/pupil008`);
  await bench.ok(`set ${record('mac9', ago(24 * 5))} ${root}/pupil009`);
  await snapshot(`${root}/pupil009`, 'mac9', ago(1));
  await bench.ok(`set ${record('mac10', ago(3))} ${root}/pupil010`);
  await bench.ok(`set ${record('mac8', ago(24 * 2))} ${root}/pupil011`);
  clock = now;
  const commands: string[] = [];
  const zfs = createSyncZfs(bench.host, {
    command: (_host, argv) => void commands.push(argv.join(' ')),
    warning: () => undefined,
  });
  const { signal } = new AbortController();
  const request = { local: null, server: { zfs, root }, conflictsRoot, user: null, pending: [], signal };
  return { bench, commands, status: await collectStatus(request) };
}

function viewOf({ homes, macs }: Status, problemsOnly: boolean): StatusView {
  const judged = homes.map((home) => {
    const remarks = remarksOn(home, { own: null, unsentHours: 24, sessionHours: 24, now });
    return { home, remarks, level: worstOf(remarks.map(({ level }) => level)) };
  });
  const judgedMacs = judgeMacs(macs, { macDays: 30, now });
  const level = worstOf([...judged, ...judgedMacs].map((one) => one.level));
  return {
    homes: judged,
    macs: judgedMacs,
    level,
    serverProblem: null,
    warnings: [],
    now,
    onServer: true,
    problemsOnly,
  };
}

describe('200 homes, on the server itself', () => {
  let found: Awaited<ReturnType<typeof school>>;
  beforeAll(async () => {
    found = await school();
  });

  test('one zfs list tells it all', () => {
    expect(found.commands).toEqual([
      expect.stringMatching(/^zfs list .* -r data\/profiles data\/profiles-conflicts$/),
    ]);
    expect(found.status.homes).toHaveLength(200);
  });

  test('sessions of which nothing arrives, conflicts and Macs unseen are told, and nothing else is', () => {
    const text = statusTable(viewOf(found.status, true), { columns: 200, isDetailed: false });
    expect(text.split('\n').map((line) => line.replace(/^(pupil\d+) .*/, '$1').trim())).toEqual([
      expect.stringMatching(/^HOME/) as string,
      'pupil003',
      `warning: a conflict waits here: pupil003-mac3-20261110T120000Z, of mac3, ${localTime(ago(24 * 19))}, 0 B`,
      'pupil007',
      `critical: nothing has arrived of the session on mac7 since ${localTime(ago(24 * 8))} (8 days ago): that Mac is off, or cannot send`,
      'pupil011',
      `warning: nothing has arrived of the session on mac8 since ${localTime(ago(24 * 2))} (2 days ago): that Mac is off, or cannot send`,
      'pupil012',
      `warning: nothing more has arrived of the session on mac12 since ${localTime(ago(24 * 4))} (4 days ago), after ${localTime(ago(24 * 3))}`,
      `warning: mac199 has not been seen for 45 days: the last was pupil199, ${localTime(ago(24 * 45))}`,
    ]);
    expect(viewOf(found.status, true).level).toBe('critical');
  });

  test('without --problems all homes are shown, and an open session that sends is well', () => {
    const lines = statusTable(viewOf(found.status, false), { columns: 200, isDetailed: false }).split('\n');
    expect(lines.filter((line) => line.startsWith('pupil'))).toHaveLength(200);
    const [remark] = lines.slice(lines.findIndex((line) => line.startsWith('pupil009')) + 1);
    expect(remark).toBe(`  pupil009 is logged in on mac9 since ${localTime(ago(24 * 5))} (5 days ago)`);
  });

  test('one line for monitoring sums up what the server knows, problems in front', () => {
    const line = briefStatus(viewOf(found.status, false));
    expect(line).toMatch(/^critical: pupil003: a conflict .*; 200 homes, 6 sessions, 1 conflict$/);
    expect(line).toContain('; mac199 has not been seen for 45 days');
  });

  test('JSON has the same, and with --problems that alone', () => {
    interface Told {
      readonly level: string;
      readonly homes: readonly { readonly user: string; readonly level: string; readonly waiting: unknown }[];
      readonly macs: readonly { readonly macName: string; readonly level: string }[];
    }
    const told = (problemsOnly: boolean) =>
      statusToJson(viewOf(found.status, problemsOnly)) as unknown as Told;
    expect(told(false).homes).toHaveLength(200);
    expect(told(false).macs).toHaveLength(200);
    expect(told(true)).toMatchObject({
      level: 'critical',
      homes: [
        {
          ...{ user: 'pupil003', level: 'warning' },
          waiting: [{ macName: 'mac3', at: '2026-11-11T12:00:00.000Z' }],
        },
        { user: 'pupil007', level: 'critical', arrived: null },
        { user: 'pupil011', level: 'warning', arrived: null },
        {
          ...{ user: 'pupil012', level: 'warning' },
          arrived: { macName: 'mac12', at: '2026-11-27T12:00:00.000Z' },
        },
      ],
      macs: [{ macName: 'mac199', level: 'warning', user: 'pupil199', lastSeen: '2026-10-16T12:00:00.000Z' }],
    });
  });

  test('Prometheus gets the times to judge by itself', () => {
    const { homes, macs } = found.status;
    const text = prometheusText({ homes, macs, level: 'critical', serverReachable: null, now });
    const seconds = (hours: number): number => ago(hours) / 1000;
    expect(text).toContain(
      `roamhome_home_session_since_timestamp_seconds{user="pupil007",mac="mac7"} ${seconds(24 * 8)}\n`,
    );
    expect(text).not.toContain('roamhome_home_session_arrived_timestamp_seconds{user="pupil007"');
    expect(text).toContain(
      `roamhome_home_session_arrived_timestamp_seconds{user="pupil012",mac="mac12"} ${seconds(24 * 3)}\n`,
    );
    expect(text).toContain(`roamhome_mac_seen_timestamp_seconds{mac="mac199"} ${seconds(24 * 45)}\n`);
    expect(text).toContain('roamhome_home_conflicts{user="pupil003"} 1\n');
  });
});

describe('a small server', () => {
  const collect = async (bench: Bench, user: string | null = null): Promise<Status> => {
    const zfs = createSyncZfs(bench.host, { command: () => undefined, warning: () => undefined });
    const { signal } = new AbortController();
    return collectStatus({ local: null, server: { zfs, root }, conflictsRoot, user, pending: [], signal });
  };

  test('without a place for conflicts it is told as one without conflicts', async () => {
    const bench = createBench();
    await bench.ok(`create ${root}`);
    await bench.ok(`create ${root}/alice`);
    expect((await collect(bench)).homes).toMatchObject([{ user: 'alice', waiting: [] }]);
    await expect(collect(bench, 'bob')).rejects.toMatchObject({ code: 'home-missing' });
  });

  test('a conflict that the home has got since does not wait; one of a user without a home does', async () => {
    const bench = createBench();
    const [alices, bobs] = ['alice', 'bob'].map((user) => `${conflictsRoot}/${user}-mac-b-20261110T120000Z`);
    for (const one of [root, conflictsRoot, `${root}/alice`, bobs]) await bench.ok(`create ${one ?? ''}`);
    await bench.ok(`snapshot ${root}/alice@a`);
    await bench.ok(`clone ${root}/alice@a ${alices ?? ''}`);
    await bench.ok(`set roamhome:conflict=alice ${alices ?? ''}`);
    await bench.ok(`set roamhome:conflict=bob ${bobs ?? ''}`);
    await bench.ok(`snapshot ${bobs ?? ''}@x`);
    const waiting = async () => (await collect(bench)).homes.map((home) => [home.user, home.waiting.length]);
    const receive = async (to: string) =>
      pipe(bench.host, `send -i ${root}/alice@a ${alices ?? ''}@b`, bench.host, `receive -u -s ${to}`);
    await bench.ok(`snapshot ${alices ?? ''}@b`);
    expect(await waiting()).toEqual([
      ['alice', 1],
      ['bob', 1],
    ]);
    expect((await receive(`${root}/alice`)).received).toMatchObject({ exitCode: 0 });
    expect(await waiting()).toEqual([
      ['alice', 0],
      ['bob', 1],
    ]);
  });

  test('a Mac counts as gone for good once it was unseen for 12 times doctor.macDays', () => {
    const macs = [40, 400].map((days) => ({
      ...{ macName: `mac${days}`, lastSeen: ago(24 * days), user: 'alice' },
    }));
    expect(judgeMacs(macs, { macDays: 30, now }).map(({ level }) => level)).toEqual(['warning', 'ok']);
    expect(judgeMacs(macs, { macDays: 41, now }).map(({ level }) => level)).toEqual(['ok', 'warning']);
    expect(seenMacs(new Map())).toEqual([]);
  });
});
