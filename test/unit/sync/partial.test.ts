import { describe, expect, test } from 'vitest';
import { isOwnPartial, judgePartial, judgePush, wayOf } from '../../../src/sync/partial.ts';
import { relate } from '../../../src/sync/relation.ts';
import type { Guid, ResumeToken } from '../../../src/zfs/names.ts';
import { dataset, localHome, serverHome, token } from '../../support/sync/homes.ts';

const rules = { flags: 'Lec', refused: new Set<ResumeToken>() } as const;
const guids = (words: string): readonly (Guid | null)[] =>
  words.split(' ').map((word) => (word === 'full' ? null : (word as Guid)));

/** `resume 5`, or why not. */
function brief(verdict: ReturnType<typeof judgePartial>): string {
  if (verdict.kind === 'resume') return `resume ${verdict.to.guid}`;
  return verdict.kind === 'useless' ? verdict.why : verdict.kind;
}

const unwanted = 'its target is no longer wanted';

describe('what waits in a dataset', () => {
  test.each([
    ['nothing', '@a:1', '@b:5', '1', 'none'],
    ['a stream whose target the sender has', '@a:1 >1..5', '@b:5', '1', 'resume 5'],
    ['one from another base', '@a:1 >2..5', '@b:5', '1', unwanted],
    ['one from one of several bases', '@a:1 >2..5', '@b:5', '1 2', 'resume 5'],
    ['a full one where one on top of a version is wanted', '>5', '@b:5', '1', unwanted],
    ['a full one where a full one is wanted', '>5', '@b:5', 'full', 'resume 5'],
    ['one on top of a version where a full one is wanted', '@a:1 >1..5', '@b:5', 'full', unwanted],
    ['a full one or one from a base, either being wanted', '>5', '@b:5', 'full 1', 'resume 5'],
    ['one whose base nobody asks for', '@a:1 >9..5', '@b:5', '', 'resume 5'],
    ['one whose target is gone', '@a:1 >1..5', '@c:6', '1', unwanted],
    ['a token that cannot be read', '@a:1 >?', '@b:5', '1', 'its token cannot be read'],
    [
      'a stream of another kind',
      '@a:1 >1..5!w',
      '@b:5',
      '1',
      'it is of another kind of stream than the home is sent with',
    ],
  ])('%s', (_what, receiver, sender, bases, want) => {
    const way = {
      targets: dataset(serverHome, '', sender).snapshots,
      ...(bases === '' ? {} : { bases: guids(bases) }),
    };
    expect(brief(judgePartial(dataset(localHome, '', receiver), way, rules))).toBe(want);
  });

  test('that zfs has refused to resume is not resumed, whatever it is', () => {
    const way = { targets: dataset(serverHome, '', '@b:5').snapshots };
    const refusing = { flags: null, refused: new Set([token]) };
    expect(brief(judgePartial(dataset(localHome, '', '>5'), way, refusing))).toBe('zfs refuses to resume it');
  });

  test('is resumed whatever kind of stream it is, where nothing is said of the kind', () => {
    const way = { targets: dataset(serverHome, '', '@b:5').snapshots };
    const verdict = judgePartial(dataset(localHome, '', '>5!w'), way, { ...rules, flags: null });
    expect(brief(verdict)).toBe('resume 5');
  });
});

describe('on the way between the two sides', () => {
  test.each([
    ['a push of the newest', '@a:1 @b:5', '@a:1 >1..5', 'push', 'resume 5'],
    ['a push of one in between', '@a:1 @b:5 @c:6', '@a:1 >1..5', 'push', 'resume 5'],
    ['a push from an older base than the newest', '@a:1 @b:2 @c:5', '@a:1 @b:2 >1..5', 'push', unwanted],
    ['a first push', '@a:1', '>1', 'push', 'resume 1'],
    ['a push where the server has moved on', '@a:1 @b:5', '@a:1 @x:2 >1..5', 'push', unwanted],
    ['a pull of the newest', '@a:1 >1..5', '@a:1 @b:5', 'pull', 'resume 5'],
    ['a pull of what this Mac has by now', '@a:1 @b:5 >1..5', '@a:1 @b:5', 'pull', unwanted],
  ])('%s', (_what, mac, server, way, want) => {
    const pair = {
      path: '',
      local: dataset(localHome, '', mac),
      server: dataset(serverHome, '', server),
    };
    const verdict =
      way === 'push'
        ? judgePush(pair, relate(pair), rules)
        : judgePartial(pair.local, wayOf(relate(pair), pair.server), rules);
    expect(brief(verdict)).toBe(want);
  });

  test('a side that is not there has nothing', () => {
    const pair = { path: '', local: dataset(localHome, '', '@a:1'), server: null };
    expect(judgePush(pair, relate(pair), rules)).toEqual({ kind: 'none' });
  });
});

describe("a Mac's own interrupted push", () => {
  const ours = 'roamhome-20261120T064500.123Z-mac7';
  const theirs = 'roamhome-20261120T064500.123Z-mac8';
  test.each([
    ['of its own snapshot, which is gone here', '@a:1 @c:6', `@a:1 >1..5@${ours}`, false, true],
    ['of all of its line', '@c:6', `>5@${ours}`, false, true],
    ["of another tool's snapshot, and no session elsewhere", '@a:1 @c:6', '@a:1 >1..5@tool', true, true],
    ["of another tool's snapshot, and a session elsewhere", '@a:1 @c:6', '@a:1 >1..5@tool', false, false],
    ["of another Mac's snapshot", '@a:1 @c:6', `@a:1 >1..5@${theirs}`, true, false],
    ['from what this Mac never had', '@a:1 @c:6', `@a:1 @x:2 >2..5@${ours}`, true, false],
    ['of all of a line, where the server has another', '@c:6', `@x:2 >5@${ours}`, true, false],
    ['that says nothing', '@a:1 @c:6', '@a:1 >?', true, false],
    ['that is none', '@a:1 @c:6', '@a:1', true, false],
  ])('%s: %s, %s', (_what, mac, server, isAlone, want) => {
    const pair = {
      path: '',
      local: dataset(localHome, '', mac),
      server: dataset(serverHome, '', server),
    };
    expect(isOwnPartial(pair, { macName: 'mac7', isAlone })).toBe(want);
  });
});
