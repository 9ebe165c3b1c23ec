import { expect, test } from 'vitest';
import { noRoomError } from '../../../../src/sync/encryption-root.ts';
import { tellConflict } from '../../../../src/homes/diverged/conflict-report.ts';
import { Findings } from '../../../../src/homes/report.ts';
import { parseDatasetName } from '../../../../src/zfs/names.ts';

test('a line that cannot make room stays the home: told as that, with the problem, and no promise to set it aside', () => {
  const findings = new Findings();
  const setAsideProblem = noRoomError('data/profiles', parseDatasetName('data/profiles-conflicts'));
  const branch = parseDatasetName('data/profiles-conflicts/alice-mac7-20261120T064500Z');
  tellConflict(
    {
      kind: 'diverged',
      evidence: 'both went on',
      since: 0,
      branch,
      branchProblem: null,
      setAside: null,
      setAsideProblem,
    },
    findings,
  );
  expect(findings.problems).toEqual([setAsideProblem]);
  expect(findings.warnings).toHaveLength(1);
  expect(findings.warnings[0]).toContain(`stays the home, and is kept on the server as ${branch}`);
  expect(findings.warnings[0]).not.toContain('next login');
});
