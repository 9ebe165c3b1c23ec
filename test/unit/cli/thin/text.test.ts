import { expect, test } from 'vitest';
import { jsonText } from '../../../../src/cli/framework/json.ts';
import { explainedToJson, summariseThinning, thinnedToJson } from '../../../../src/cli/thin/text.ts';
import { RoamhomeError } from '../../../../src/errors/errors.ts';
import { parseSchedule } from '../../../../src/thinning/schedule.ts';
import { thin } from '../../../../src/thinning/thin.ts';
import type { ThinReport } from '../../../../src/thinning/thin-homes.ts';
import type { DatasetName, SnapshotName } from '../../../../src/zfs/names.ts';
import { optionsAt, snapshotsAt } from '../../../support/thinning/snapshots.ts';

const dataset = 'data/profiles/alice' as DatasetName;
const destroyed = [`${dataset}@a`, `${dataset}@b`] as readonly string[] as readonly SnapshotName[];
const report: ThinReport = {
  datasets: [{ dataset, destroyed, forgotten: 1, problems: [] }],
  inUse: ['bob'],
  problems: [],
  future: [],
};

test('what was thinned, and what is left for the next time', () => {
  const held = { held: 3, released: 2, problems: [] };
  expect(summariseThinning(report, held, [new Error('no')])).toMatchInlineSnapshot(`
    "bob: left for the next time, a login, a logout or a push is at it
    thin: 2 snapshots and 1 old bookmarks destroyed, 3 newest snapshots held, 1 problems"
  `);
  const problem = new RoamhomeError({ code: 'dataset-busy', message: 'no', remedy: 'r', retryable: true });
  expect(JSON.parse(jsonText(thinnedToJson(report, held, [problem])))).toEqual({
    destroyed,
    expiredBookmarks: 1,
    inUse: ['bob'],
    warnings: [],
    held: 3,
    released: 2,
    problems: [
      { code: 'dataset-busy', message: 'no', remedy: 'r', commands: [], retryable: true, details: [] },
    ],
  });
});

test('the explanation for programs has every snapshot with its reasons', () => {
  const snapshots = snapshotsAt([10, 20]).map((one) => ({
    ...one,
    kind: 'snapshot' as const,
    written: 0n,
    used: 7n,
    isHeld: false,
    hasClones: false,
  }));
  const plan = {
    dataset,
    home: 'alice',
    leave: [],
    expired: [],
    doubled: null,
    ...thin(snapshots, optionsAt(30, { schedule: parseSchedule('1') })),
  };
  const told = (guid: number, seconds: number, reasons: string[]) => ({
    ...{ name: `${dataset}@roamhome-${guid}`, guid: String(guid), usedBytes: 7, reasons },
    creation: `1970-01-01T00:00:${seconds}.000Z`,
  });
  expect(explainedToJson([{ plan, freed: 9n }], { hold: [], release: [] })).toEqual({
    dryRun: true,
    datasets: [
      {
        dataset,
        freedBytes: 9,
        keep: [told(2, 20, ['the newest', 'one of the newest 1'])],
        go: [told(1, 10, ['not one of the newest 1'])],
        expiredBookmarks: [],
      },
    ],
    hold: [],
    release: [],
  });
});
