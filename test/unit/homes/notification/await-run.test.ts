import { expect, test } from 'vitest';
import { awaitRun } from '../../../../src/homes/notification/await-run.ts';
import type { RunStatus } from '../../../../src/homes/notification/run-status.ts';

const start = 1_000_000_000;
const login: RunStatus = {
  ...{ run: 'login', pid: 7, state: 'done', updatedAt: start - 5000, error: null, notices: [] },
};
const failedLogout: RunStatus = {
  ...{ ...login, run: 'logout', state: 'failed', updatedAt: start - 200_000_000 },
  error: { code: 'server-unreachable' },
};
const receiving: RunStatus = { ...login, state: 'receiving' };

/** What the status file says from a second of the session on. */
type Story = readonly (readonly [second: number, status: RunStatus | null])[];

test.each<[string, Story, readonly number[], RunStatus | null, number]>([
  ['a login that is over is shown at once', [[0, login]], [], login, 0],
  ['nobody roams: no file', [[0, null]], [], null, 30],
  ['the login of days ago', [[0, { ...login, updatedAt: start - 700_000 }]], [], null, 30],
  ['the logout of the session before', [[0, { ...login, run: 'logout' }]], [], null, 30],
  [
    'a logout of days ago that could not send, and no login that says more',
    [[0, failedLogout]],
    [],
    failedLogout,
    30,
  ],
  [
    'a logout that could not send, and the login after it that did',
    [
      [0, failedLogout],
      [5, { ...login, updatedAt: start + 5000 }],
    ],
    [],
    { ...login, updatedAt: start + 5000 },
    5,
  ],
  [
    'a login that begins after the session, and takes its time',
    [
      [0, { ...login, run: 'logout' }],
      [3, receiving],
      [500, { ...login, updatedAt: start + 500_000 }],
    ],
    [7],
    { ...login, updatedAt: start + 500_000 },
    500,
  ],
  ['a login that was killed', [[0, receiving]], [], receiving, 0],
  [
    'a checkpoint that came in between',
    [[0, { ...login, run: 'checkpoint' }]],
    [],
    { ...login, run: 'checkpoint' },
    0,
  ],
])('%s', async (_what, story, running, want, seconds) => {
  let now = start;
  const found = await awaitRun({
    read: () => Promise.resolve(story.findLast(([second]) => now >= start + second * 1000)?.[1] ?? null),
    isRunning: (pid) => running.includes(pid),
    now: () => now,
    sleep: (milliseconds) => {
      now += milliseconds;
      return Promise.resolve();
    },
  });
  expect([found, (now - start) / 1000]).toEqual([want, seconds]);
});
