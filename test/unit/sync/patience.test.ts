import { describe, expect, test } from 'vitest';
import { RoamhomeError, type ErrorCode } from '../../../src/errors/errors.ts';
import { resumeStep, sendStep } from '../../../src/sync/make-step.ts';
import { Patience } from '../../../src/sync/patience.ts';
import type { SendStep, Step } from '../../../src/sync/step.ts';
import { parseSnapshotName, type Guid, type ResumeToken } from '../../../src/zfs/names.ts';
import type { Snapshot } from '../../../src/zfs/version.ts';
import { serverHome } from '../../support/sync/homes.ts';

const resume = (token: string): Step =>
  resumeStep('push', serverHome, { token: token as ResumeToken, done: 10n });
const version = (name: string): Snapshot => ({
  kind: 'snapshot',
  name: parseSnapshotName(`${serverHome}@${name}`),
  guid: name as Guid,
  createtxg: 1n,
  creation: 1,
  written: 1n,
});
const pull = (from: string | null): Step =>
  sendStep('pull', {
    range: { from: from === null ? null : version(from), to: version('z'), intermediates: false },
    target: serverHome,
  });
const record: Step = { kind: 'record-flags', dataset: serverHome, flags: 'Lec' };
const failure = (code: ErrorCode): Error => new RoamhomeError({ code, message: code, remedy: 'none' });

describe('a step that failed', () => {
  test('is tried again while an earlier receive holds the dataset, for the time given and no longer', () => {
    let now = 1000;
    const patience = new Patience(10_000, () => now);
    expect(patience.allows(resume('a'), failure('partial-state'))).toBe(true);
    now += 9_999;
    expect(patience.allows(record, failure('dataset-busy'))).toBe(true);
    now += 1;
    expect(patience.allows(resume('b'), failure('partial-state'))).toBe(false);
  });

  test('is tried again when its token was refused, for the receive that was left behind may have gone on', () => {
    const patience = new Patience(0);
    expect(patience.allows(resume('a'), failure('stream-refused'))).toBe(true);
    expect(patience.allows(resume('b'), failure('stream-refused'))).toBe(true);
    expect(patience.setbacks.refused).toEqual(new Set());
  });

  test('is not resumed any more when the same token was refused twice, once for each dataset', () => {
    const patience = new Patience(0);
    expect(patience.allows(resume('a'), failure('stream-refused'))).toBe(true);
    expect(patience.allows(resume('a'), failure('stream-refused'))).toBe(true);
    expect(patience.setbacks.refused).toEqual(new Set(['a']));
    expect(patience.hasGivenUp(serverHome)).toBe(true);
    expect(patience.allows(resume('b'), failure('stream-refused'))).toBe(true);
    expect(patience.allows(resume('b'), failure('stream-refused'))).toBe(false);
  });

  test('shows the server’s dataset blocked when something is written there, at the second look', () => {
    const patience = new Patience(0);
    const push: Step = { ...(pull('a') as SendStep), direction: 'push' };
    expect(patience.allows(push, failure('dataset-modified'))).toBe(true);
    expect(patience.setbacks.written.size).toBe(0);
    expect(patience.allows(push, failure('dataset-modified'))).toBe(true);
    expect(patience.setbacks.written).toEqual(new Set([serverHome]));
    expect(patience.allows(push, failure('dataset-modified'))).toBe(false);
  });

  test('is planned anew when what it was to go on from is gone, until the same is planned again', () => {
    const patience = new Patience(0);
    for (const from of ['a', 'b']) {
      expect(patience.allows(pull(from), failure('no-common-base'))).toBe(true);
      expect(patience.allows(pull(from), failure('dataset-missing'))).toBe(false);
    }
    expect(patience.allows(pull(null), failure('dataset-missing'))).toBe(false);
    expect(patience.allows(pull('c'), failure('no-space'))).toBe(false);
  });

  test.each([
    ['an error of the link', resume('a'), failure('connection-lost')],
    ['a full pool', resume('a'), failure('no-space')],
    ['an unsupported stream that is no resumed one', record, failure('stream-unsupported')],
    ['a bug', resume('a'), new Error('a bug')],
  ])('is given up for %s', (_name, step, error) => {
    expect(new Patience(10_000).allows(step, error)).toBe(false);
  });
});
