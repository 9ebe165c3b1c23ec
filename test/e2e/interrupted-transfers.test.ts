import { beforeAll, expect, test } from 'vitest';
import {
  digestOnMac,
  digestOnServer,
  interrupt,
  prepare,
  pull,
  push,
  recover,
  resetToReady,
  runAgain,
  stallSeconds,
  tokenOf,
  wholeBytes,
  type Fault,
  type Interrupted,
  type Lane,
} from './interruptions.ts';
import { login, snapshots } from './roam.ts';

let digests: Readonly<Record<string, string>>;

beforeAll(async () => {
  digests = await prepare();
});

const lanes = [push, pull] as const;

const cases = (['kill -9', 'cut link', 'power cut'] as const).flatMap((fault) =>
  [10, 50, 90].map((percent): [string, Fault, number] => [`${fault} at ${percent} %`, fault, percent]),
);

// The push of one Mac and the pull of the other at the same time: a case of each, in the time of one.
test.each(cases)(
  '%s of a push and of a pull of 200 MiB: the next run resumes, and both sides end equal',
  async (_name, fault, percent) => {
    await resetToReady();
    const interrupted = await Promise.all(lanes.map((lane) => interrupt(lane, fault, percent)));
    for (const [index, lane] of lanes.entries()) checkInterrupted(lane, fault, percent, interrupted[index]);
    await recover(lanes, fault);
    await Promise.all(lanes.map((lane, index) => checkNextRun(lane, percent, interrupted[index])));
    if (percent === 50) {
      // Any other Mac gets what was pushed.
      const elsewhere = await login('mac-b', push.user);
      expect(elsewhere).toMatchObject({ code: 0, report: { mounted: true, problems: [] } });
      expect(await digestOnMac({ mac: 'mac-b', user: push.user })).toBe(digests[push.user]);
    } else {
      expect(await digestOnServer(push)).toBe(digests[push.user]);
    }
  },
);

/** It came in the middle, and a run that could still say so said what had happened, in time. */
function checkInterrupted(
  { direction }: Lane,
  fault: Fault,
  percent: number,
  interrupted: Interrupted | undefined,
): void {
  const { crossed = NaN, outcome = null, seconds = NaN } = interrupted ?? {};
  const hit = (100 * crossed) / wholeBytes;
  expect(hit, `${direction}: percent moved`).toBeGreaterThan(percent - 1);
  expect(hit, `${direction}: percent moved`).toBeLessThan(percent + 9);
  if (fault !== 'cut link') return;
  expect(outcome?.code, direction).toBe(75);
  expect(['stalled', 'connection-lost'], direction).toContain(outcome?.report.problems[0]?.code);
  expect(seconds, `${direction}: seconds from the cut to the end`).toBeLessThan(stallSeconds + 15);
  expect(outcome?.report.mounted, direction).toBe(direction === 'pull');
}

async function checkNextRun(
  lane: Lane,
  percent: number,
  interrupted: Interrupted | undefined,
): Promise<void> {
  const { direction, mac, user, dataset } = lane;
  const { outcome, crossed, steps } = await runAgain(lane);
  expect({ code: outcome.code, problems: outcome.report.problems }, direction).toEqual({
    code: 0,
    problems: [],
  });

  expect(steps.at(-1) ?? '', direction).toMatch(
    new RegExp(`^${direction} the rest of an interrupted stream into ${dataset} \\(\\d+ bytes are there\\)$`),
  );
  expect(steps.filter((step) => /^(push|pull) (all|what changed)/.test(step))).toEqual([]);
  const sync = outcome.report.sync;
  const again = (direction === 'push' ? sync?.pushedBytes : sync?.pulledBytes) ?? NaN;
  const limit = wholeBytes - (interrupted?.crossed ?? NaN) + 0.1 * wholeBytes;
  console.log(
    `${direction}: interrupted after ${percentOf(interrupted?.crossed ?? NaN)} (wanted ${percent}), ` +
      `sent again ${percentOf(again)}, over the wire ${percentOf(crossed)}, allowed ${percentOf(limit)}`,
  );
  expect(again, `${direction}: bytes sent again`).toBeLessThan(limit);
  expect(crossed, `${direction}: bytes over the wire`).toBeLessThan(limit);

  const [here, there, tokenHere, tokenThere] = await Promise.all([
    snapshots(mac, dataset),
    snapshots('server', dataset),
    tokenOf(mac, dataset),
    tokenOf('server', dataset),
  ]);
  expect(here, direction).toEqual(there);
  expect(here, direction).toHaveLength(2);
  expect([tokenHere, tokenThere], direction).toEqual(['-', '-']);
  if (direction === 'pull') expect(await digestOnMac(lane)).toBe(digests[user]);
}

function percentOf(bytes: number): string {
  return `${((100 * bytes) / wholeBytes).toFixed(1)} %`;
}
