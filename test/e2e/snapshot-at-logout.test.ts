import { beforeAll, beforeEach, expect, test } from 'vitest';
import { exec, reset, run, sh } from './lab.ts';
import { loggedIn, saveLoggedIn } from './logged-in.ts';
import { login, logout, snapshots, type Outcome } from './roam.ts';

const dataset = 'data/profiles/alice';
const novel = '/Users/alice/novel.txt';

beforeAll(saveLoggedIn);
beforeEach(async () => {
  await reset(loggedIn);
  await sh('mac-a', `echo work-of-the-day >${novel}; chown 2001:2100 ${novel}`);
});

/** What the newest snapshot here has of the day's work. */
async function inNewestSnapshot(): Promise<string> {
  const newest = (await snapshots('mac-a')).at(-1)?.split(' ')[0] ?? 'none';
  return sh(
    'mac-a',
    `mkdir -p /run/look
     mount -t zfs -o ro ${dataset}@${newest} /run/look
     cat /run/look/novel.txt; umount /run/look`,
  );
}

const pending = (): Promise<string> => sh('mac-a', 'cat /var/lib/roamhome/pending/* 2>/dev/null || true');
const status = async (): Promise<{ code: number | null; text: string }> => {
  const { code, stdout } = await exec('mac-a', ['roamhome', 'status', 'alice', '--brief']);
  return { code, text: stdout };
};
const push = async (): Promise<{ code: number | null; text: string }> => {
  const { code, stdout, stderr } = await exec('mac-a', ['roamhome', 'push', '--pending']);
  return { code, text: stdout + stderr };
};
const isMounted = async (): Promise<boolean> =>
  (await sh('mac-a', `grep -c '^${dataset} ' /proc/mounts || true`)).trim() !== '0';

/** Nothing waits, and another Mac has the work. */
async function expectArrived(): Promise<void> {
  expect(await pending()).toBe('');
  expect(await status()).toMatchObject({ code: 0 });
  expect((await login('mac-b')).report).toMatchObject({ problems: [], mounted: true });
  expect(await run('mac-b', 'cat', novel)).toBe('work-of-the-day\n');
}

/**
 * Opens a file as soon as the home is mounted read-only to be compared, and keeps it open. By bash alone: a program for each
 * look would be too slow to be there in time.
 */
async function readWhileCompared(seconds: number): Promise<void> {
  await run(
    'mac-a',
    'bash',
    '-c',
    `(while :; do
        [[ $(</proc/mounts) == *'${dataset} /Users/alice zfs ro'* ]] && { exec 3</Users/alice/greeting && sleep ${seconds}; exit; }
      done) </dev/null >/dev/null 2>&1 & echo $! >/run/reader`,
  );
}

test('one reader for three seconds while the home is compared: the logout is an ordinary one', async () => {
  await readWhileCompared(3);
  const { code, report } = await logout('mac-a');
  expect({ code, problems: report.problems }).toEqual({ code: 0, problems: [] });
  expect(report).toMatchObject({ mounted: false, pending: false, secured: true });
  expect(report.snapshot).not.toBeNull();
  await expectArrived();
});

test('a reader that stays: there is a snapshot, it is pending, and the job unmounts it later', async () => {
  await readWhileCompared(600);
  const { report } = await logout('mac-a');
  expect(report).toMatchObject({ mounted: true, pending: true, secured: true });
  expect(report.problems).not.toEqual([]);
  expect(await inNewestSnapshot()).toBe('work-of-the-day\n');
  expect(await status()).toMatchObject({ code: 1, text: expect.stringMatching(/still mounted/) as unknown });
  expect(await push()).toMatchObject({ text: expect.stringMatching(/still pending/) as unknown });
  await sh(
    'mac-a',
    'pkill -P "$(cat /run/reader)" sleep || true; kill "$(cat /run/reader)" 2>/dev/null || true',
  );
  expect(await push()).toMatchObject({ code: 0 });
  expect(await isMounted()).toBe(false);
  await expectArrived();
});

test('thinning that hangs with the lock: processes are ended, and there is a snapshot and a note', async () => {
  await sh(
    'mac-a',
    `setsid runuser -u alice -- sleep 900 </dev/null >/dev/null 2>&1 &
     for i in 1 2 3; do echo $i >/Users/alice/n$i; sync; sleep 5; roamhome checkpoint alice; done >/dev/null
     roamhome thin </dev/null >/dev/null 2>&1 & T=$!; echo $T >/run/thin
     n=0; until ls /var/run/roamhome/locks/alice/$T-* >/dev/null 2>&1; do n=$((n+1)); [ $n -lt 3000 ]; done
     kill -STOP $T`,
  );
  const { code, report } = await logout('mac-a');
  expect(code).toBe(75);
  expect(report.problems.map((problem) => problem.code)).toEqual(['locked']);
  expect(report).toMatchObject({ mounted: true, pending: true, secured: true, sync: null });
  expect(await inNewestSnapshot()).toBe('work-of-the-day\n');
  expect((await exec('mac-a', ['pgrep', '-u', 'alice'])).stdout).toBe('');
  expect(await status()).toMatchObject({ code: 1 });
  // It was asked to end, and does.
  await sh('mac-a', 'T=$(cat /run/thin); kill -CONT $T; while kill -0 $T 2>/dev/null; do sleep 0.2; done');
  expect(await push()).toMatchObject({ code: 0 });
  expect(await isMounted()).toBe(false);
  await expectArrived();
});

const fill = `zfs create -o mountpoint=none data/fill
  zfs set reservation=$(($(zfs get -Hpo value available data)-4096)) data/fill`;

test('a pool that is full: that is the first thing said, and the job makes the snapshot once there is room', async () => {
  await sh('mac-a', `head -c 2000000 /dev/urandom >/Users/alice/data.bin; sync; ${fill}`);
  const full: Outcome = await logout('mac-a');
  expect(full.code).toBe(73);
  expect(full.report.problems[0]).toMatchObject({ code: 'no-snapshot' });
  expect(full.report).toMatchObject({ snapshot: null, secured: false, pending: true });
  expect(full.report.summary).toMatch(/NO SNAPSHOT/);
  expect(await status()).toMatchObject({
    code: 2,
    text: expect.stringMatching(/^critical: alice: NO snapshot/) as unknown,
  });
  const doctor = await exec('mac-a', ['roamhome', 'doctor']);
  expect(doctor.stdout).toMatch(/critical +pending +NO snapshot holds/);
  // The server is told of a session that has not ended well.
  expect(await run('server', 'zfs', 'get', '-Ho', 'value', 'roamhome:session', dataset)).toMatch(/^mac-a,/);
  expect(await push()).toMatchObject({ code: 73, text: expect.stringMatching(/NO snapshot/) as unknown });
  expect(await status()).toMatchObject({ code: 2 });

  await sh('mac-a', 'zfs set reservation=none data/fill');
  expect(await push()).toMatchObject({ code: 0 });
  expect(await run('server', 'zfs', 'get', '-Ho', 'value', 'roamhome:session', dataset)).toBe('-\n');
  await expectArrived();
});

test('a dataset whose name is too long: the others have their snapshot and are sent, that one is named', async () => {
  const long = `${dataset}/${'m'.repeat(225)}`;
  await sh('mac-a', `zfs create ${long}; echo deep >/Users/alice/${'m'.repeat(225)}/file`);
  const { code, report } = await logout('mac-a');
  expect(code).toBe(73);
  expect(report.problems[0]).toMatchObject({ code: 'no-snapshot' });
  expect(report.problems[0]?.message).toContain(long);
  expect(report).toMatchObject({ mounted: false, secured: false, pending: true });
  expect(await snapshots('server')).toEqual(await snapshots('mac-a'));
  expect(await status()).toMatchObject({ code: 2 });
  await sh('mac-a', `zfs rename ${long} ${dataset}/m`);
  expect(await push()).toMatchObject({ code: 0 });
  expect(await snapshots('server', `${dataset}/m`)).toHaveLength(1);
  await expectArrived();
});

test('a home that was only looked at has no snapshot more, and is in sync', async () => {
  await sh('mac-a', `rm ${novel}; sync`);
  await logout('mac-a');
  await login('mac-a');
  const before = await snapshots('mac-a');
  expect((await logout('mac-a')).report).toMatchObject({ snapshot: null, secured: true, pending: false });
  expect(await snapshots('mac-a')).toEqual(before);
  expect(await status()).toMatchObject({ code: 0, text: expect.stringMatching(/^ok/) as unknown });
});
