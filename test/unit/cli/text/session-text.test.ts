import { expect, test } from 'vitest';
import { formatDryRun } from '../../../../src/cli/text/dry-run.ts';
import { jsonText } from '../../../../src/cli/framework/json.ts';
import { reportToJson } from '../../../../src/cli/session/json.ts';
import { RoamhomeError } from '../../../../src/errors/errors.ts';
import type { Conflict } from '../../../../src/homes/diverged/conflict.ts';
import { parseDatasetName } from '../../../../src/zfs/names.ts';
import { summarise, type SessionReport } from '../../../../src/homes/report.ts';

const report: SessionReport = {
  user: 'alice',
  notRoaming: null,
  sync: { pushedBytes: 0, pulledBytes: 0, wasEqual: true, leftBehind: false, left: [], conflict: null },
  snapshot: null,
  secured: true,
  pending: false,
  mounted: true,
  otherSessions: [],
  problems: [],
  warnings: [],
};
const moved = (pushedBytes: number, pulledBytes: number): SessionReport => ({
  ...report,
  sync: { pushedBytes, pulledBytes, wasEqual: false, leftBehind: false, left: [], conflict: null },
});

const conflict: Conflict = {
  ...{ kind: 'diverged', evidence: 'e', since: 1, branch: parseDatasetName('data/c/x') },
  ...{ branchProblem: null, setAside: null, setAsideProblem: null },
};

test.each<[SessionReport, 'login' | 'logout', string]>([
  [report, 'login', 'login of alice: nothing to do, home mounted'],
  [moved(0, 1536), 'login', 'login of alice: received 1.5 KiB, home mounted'],
  [moved(3 * 2 ** 30, 100), 'login', 'login of alice: sent 3.0 GiB, received 100 B, home mounted'],
  [{ ...moved(5, 0), mounted: false }, 'logout', 'logout of alice: sent 5 B'],
  [moved(0, 0), 'login', 'login of alice: synced, home mounted'],
  [
    { ...moved(5, 0), mounted: false, sync: { ...moved(5, 0).sync!, conflict } },
    'logout',
    'logout of alice: sent 5 B, CONFLICT: work is kept beside the home',
  ],
  [{ ...report, sync: null, mounted: false }, 'login', 'login of alice: not synced, home NOT mounted'],
  [{ ...report, notRoaming: 'not a member' }, 'login', 'login of alice: not a member'],
  [
    { ...report, mounted: false, sync: { ...moved(0, 0).sync!, wasEqual: true, leftBehind: true } },
    'logout',
    'logout of alice: nothing to send',
  ],
])('a report in a line', (given, what, want) => {
  expect(summarise(given, what)).toBe(want);
});

test('a report as JSON has its problems with code and remedy', () => {
  const problem = new RoamhomeError({
    code: 'no-space',
    message: 'full',
    remedy: 'free some',
    retryable: true,
  });
  const json: unknown = JSON.parse(
    jsonText(reportToJson({ ...report, problems: [problem, new TypeError('oops')] }, 'logout')),
  );
  expect(json).toMatchObject({
    what: 'logout',
    user: 'alice',
    problems: [
      { code: 'no-space', message: 'full', remedy: 'free some', retryable: true },
      { code: 'bug', message: 'oops' },
    ],
  });
});

test('why a conflict could not be sent or set aside is in the JSON too, in the same shape', () => {
  const problem = new RoamhomeError({ code: 'no-space', message: 'full', remedy: 'free some' });
  const failed = {
    ...conflict,
    branch: null,
    branchProblem: problem,
    setAsideProblem: new TypeError('oops'),
  };
  const sync = { ...moved(0, 0).sync!, conflict: failed };
  expect(JSON.parse(jsonText(reportToJson({ ...report, sync }, 'login')))).toMatchObject({
    sync: {
      conflict: {
        branchProblem: { code: 'no-space', message: 'full', remedy: 'free some', retryable: false },
        setAsideProblem: { code: 'bug', message: 'oops' },
      },
    },
  });
});

test('a dry run shows words, and commands as one would type them', () => {
  const lines = [
    { words: 'mount it', commands: [{ place: 'this Mac', argv: ['zfs', 'mount', "it's here"] }] },
    { words: 'done', commands: [] },
  ];
  expect(formatDryRun(lines)).toBe("mount it\n    this Mac: zfs mount 'it'\\''s here'\ndone");
});
