import { expect, test } from 'vitest';
import { remoteCommand } from '../../../../src/host/remote-words.ts';
import { isLoginRefused, type SessionReport } from '../../../../src/homes/report.ts';
import { RoamhomeError } from '../../../../src/errors/errors.ts';
import { setProperties } from '../../../../src/zfs/commands/change.ts';
import {
  arrivedOf,
  describeSession,
  formatSessionRecord,
  othersRecord,
  parseSessionRecord,
  sessionRecordOf,
} from '../../../../src/homes/presence/session-record.ts';
import type { Guid, SnapshotName } from '../../../../src/zfs/names.ts';
import type { Snapshot } from '../../../../src/zfs/version.ts';
import { dataset, home, serverHome } from '../../../support/sync/homes.ts';

const since = new Date('2026-11-20T06:45:00Z');

test('a record is read as it was written, and is a plain word', () => {
  for (const macName of ['mac7', 'Bs-iMac_3.2', '7']) {
    for (const machineId of [null, '5f3a9c1e']) {
      const value = formatSessionRecord({ macName, machineId }, new Date(since.getTime() + 999));
      expect(value).toBe(`${macName},2026-11-20T06:45:00Z${machineId === null ? '' : `,${machineId}`}`);
      expect(parseSessionRecord(value)).toEqual({ kind: 'known', macName, since, machineId });
      const { argv } = setProperties(serverHome, { 'roamhome:session': value });
      expect(remoteCommand(argv)).toContain(` roamhome:session=${value} `);
    }
  }
});

test.each(['-', ''])('%j says that nobody is logged in', (value) => {
  expect(parseSessionRecord(value)).toBeNull();
});

test.each([
  'mac7',
  'mac7,',
  ',2026-11-20T06:45:00Z',
  'mac7,2026-11-20T06:45:00.123Z',
  'mac7,2026-11-20T06:45:00',
  'mac7,2026-13-20T06:45:00Z',
  'mac7,2026-11-20T06:45:00Z,more',
  'mac7,2026-11-20T06:45:00Z,5f3a9c1e,more',
  'mac 7,2026-11-20T06:45:00Z',
  'mac7,2026-11-20T06:45:00Z\nmac8',
])('%j says that somebody is, nobody knows who', (value) => {
  expect(parseSessionRecord(value)).toEqual({ kind: 'unknown', value });
});

test('only its own record is this Mac’s', () => {
  const own = parseSessionRecord('mac7,2026-11-20T06:45:00Z');
  const named = (macName: string, machineId: string | null = null) => ({ macName, machineId });
  expect(othersRecord(own, named('mac7'))).toBeNull();
  // An older version wrote it, or the machine has no id.
  expect(othersRecord(own, named('mac7', '5f3a9c1e'))).toBeNull();
  expect(othersRecord(own, named('mac'))).toBe(own);
  expect(othersRecord(null, named('mac7'))).toBeNull();
  const unknown = parseSessionRecord('?');
  expect(othersRecord(unknown, named('?'))).toBe(unknown);
});

test('a machine knows its record by its id: under another name it is its own, of a namesake it is not', () => {
  const record = parseSessionRecord('mac7,2026-11-20T06:45:00Z,5f3a9c1e')!;
  expect(othersRecord(record, { macName: 'mac7-2', machineId: '5f3a9c1e' })).toBeNull();
  const namesake = { macName: 'mac7', machineId: '00000001' };
  expect(othersRecord(record, namesake)).toBe(record);
  expect(describeSession('alice', record, since, namesake)).toMatch(
    /^alice is logged in on another machine that is named mac7 too, since /,
  );
});

test('only the home itself has a record: what is below it inherits', () => {
  const observed = home(serverHome, { '': '@a:1', mail: '@a:1' })!;
  const below = { ...dataset(serverHome, 'mail', ''), properties: { 'roamhome:session': 'mac7,x' } };
  expect(sessionRecordOf({ ...observed, datasets: [observed.datasets[0]!, below] })).toBeNull();
  const own = { ...observed.datasets[0]!, properties: { 'roamhome:session': '?' } };
  expect(sessionRecordOf({ ...observed, datasets: [own, below] })).toEqual({ kind: 'unknown', value: '?' });
  expect(sessionRecordOf(null)).toBeNull();
});

// In this machine's time: made of it, so that the test holds in every zone.
const local = new Date(2026, 2, 5, 7, 5, 59);
const later = (seconds: number): Date => new Date(local.getTime() + seconds * 1000);

test.each([
  [59, 'less than a minute ago'],
  [60, '1 min ago'],
  [3599, '59 min ago'],
  [3600, '1 h ago'],
  [47 * 3600, '47 h ago'],
  [48 * 3600, '2 days ago'],
  [-1, "by that Mac's clock, which is ahead of this one's"],
])('a session %i s old', (seconds, ago) => {
  const record = { kind: 'known', macName: 'mac-b', since: local, machineId: null } as const;
  expect(describeSession('alice', record, later(seconds))).toBe(
    `alice is logged in on mac-b since 2026-03-05 07:05 (${ago})`,
  );
});

test.each<[string, readonly string[], string | null]>([
  ['only what came before it', ['roamhome-20260305T060000.000Z-mac-b 3595'], null],
  ['what another Mac sent since', ['roamhome-20260305T070600.000Z-mac-c +1'], null],
  ["what an admin's tool made since", ['autosnap_2026-03-05_07:06:00_hourly +1'], null],
  [
    'two checkpoints of it',
    ['roamhome-20260305T070600.000Z-mac-b +1', 'roamhome-20260305T072100.000Z-mac-b +900'],
    'roamhome-20260305T072100.000Z-mac-b',
  ],
])('of a session the server has %s', (_what, snapshots, want) => {
  const record = { kind: 'known', macName: 'mac-b', machineId: null, since: local } as const;
  const home = {
    snapshots: snapshots.map((words, i): Snapshot => {
      const [short = '', age = '0'] = words.split(' ');
      const seconds = age.startsWith('+') ? Number(age) : -Number(age);
      return {
        ...{
          kind: 'snapshot',
          name: `data/profiles/alice@${short}` as SnapshotName,
          guid: String(i) as Guid,
        },
        ...{ createtxg: BigInt(i), creation: local.getTime() / 1000 + seconds, written: 1n },
      };
    }),
  };
  expect(arrivedOf(record, [home])?.name ?? null).toBe(want === null ? null : `data/profiles/alice@${want}`);
  expect(arrivedOf({ kind: 'unknown', value: 'x' }, [home])).toBeNull();
});

test('a record that cannot be read is shown, in one line', () => {
  const value = `\n${'x'.repeat(200)}`;
  expect(describeSession('alice', { kind: 'unknown', value }, local)).toBe(
    `the server's record of where alice is logged in cannot be read: "\\n${'x'.repeat(99)}"`,
  );
});

const problem = (code: 'logged-in-elsewhere' | 'home-missing'): RoamhomeError =>
  new RoamhomeError({ code, message: '', remedy: '' });

test.each<[string, Pick<SessionReport, 'mounted' | 'problems'>, 'allow' | 'refuse', boolean]>([
  ['all is well', { mounted: true, problems: [] }, 'refuse', false],
  ['no home, allowed', { mounted: false, problems: [problem('home-missing')] }, 'allow', false],
  ['no home, refused', { mounted: false, problems: [problem('home-missing')] }, 'refuse', true],
  ['a problem, but a home', { mounted: true, problems: [problem('home-missing')] }, 'refuse', false],
  ['elsewhere', { mounted: false, problems: [problem('logged-in-elsewhere')] }, 'allow', true],
  [
    'elsewhere, a home in use here',
    { mounted: true, problems: [problem('home-missing'), problem('logged-in-elsewhere')] },
    'allow',
    true,
  ],
])('the hook is told to keep the user out: %s', (_what, { mounted, problems }, onLoginFailure, want) => {
  const report = {
    user: 'alice',
    notRoaming: null,
    sync: null,
    snapshot: null,
    secured: true,
    pending: false,
    warnings: [],
  };
  const policies = {
    createOnServer: true,
    onLoginFailure,
    loggedInElsewhere: 'deny',
    sendFlags: 'auto',
  } as const;
  expect(isLoginRefused({ ...report, mounted, problems }, policies)).toBe(want);
});
