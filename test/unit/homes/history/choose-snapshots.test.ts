import { describe, expect, test } from 'vitest';
import { localTime } from '../../../../src/format/time.ts';
import { choosePast, datasetsOfPath, parseWanted } from '../../../../src/homes/history/choose-snapshots.ts';
import { homeSnapshots, joinHistory, type HomeHistory } from '../../../../src/homes/history/home-history.ts';
import { planViews, viewsOf, type WantedView } from '../../../../src/homes/history/plan-views.ts';
import type { Step } from '../../../../src/sync/step.ts';
import type { DatasetName } from '../../../../src/zfs/names.ts';
import { home, localHome, serverHome } from '../../../support/sync/homes.ts';

type Words = Parameters<typeof home>[1];
const history = (mac: Words, server: Words): HomeHistory =>
  joinHistory('alice', home(localHome, mac), home(serverHome, server));

/** `path@name` of each chosen snapshot. */
function chosen(of: HomeHistory, words: string, now = new Date(1_000_000)): readonly string[] {
  const past = choosePast(of, parseWanted(words, of, now));
  return [...past].map(([path, { short }]) => `${path}@${short}`);
}

/** In seconds since the epoch, by this process's clock on the wall. */
const at = (seconds: number): string => new Date(seconds * 1000).toISOString();

describe('the past of a home', () => {
  // Times are the numbers of homes.ts: `@a:1` was made at 1 s.
  test.each<[string, Words, Words, string, readonly string[]]>([
    ['the newest at or before', '@a:1 @b:5 @c:9', null, at(8), ['@b']],
    ['the very moment', '@a:1 @b:5 @c:9', null, at(5), ['@b']],
    ['what only the server has', '@a:1 @c:9', '@a:1 @b:5 @c:9', at(8), ['@b']],
    ['what only this Mac has', '@a:1 @b:5', '@a:1', at(8), ['@b']],
    ['each dataset by itself', { '': '@a:1 @b:5', mail: '@a:1=2 @m:7' }, null, at(8), ['@b', 'mail@m']],
    ['a dataset that was not there yet is left out', { '': '@a:1', mail: '@b:5' }, null, at(4), ['@a']],
    ['by name', { '': '@a:1 @b:5', mail: '@a:1=2 @m:4' }, null, 'b', ['@b', 'mail@m']],
    ['by a whole name', '@a:1 @b:5', null, 'data/profiles/alice@a', ['@a']],
  ])('%s', (_what, mac, server, words, want) => {
    expect(chosen(history(mac, server), words)).toEqual(want);
  });

  test('has a beginning', () => {
    expect(() => chosen(history('@b:5', null), at(4))).toThrow(
      expect.objectContaining({
        code: 'dataset-missing',
        // By the clock on the wall, as `roamhome snapshots` shows them.
        message: `there is no snapshot of alice's home at or before ${localTime(4000)}; the oldest is of ${localTime(5000)}`,
      }) as Error,
    );
  });

  test.each<[string, readonly string[]]>([
    ['novel', ['']],
    ['mail', ['mail', 'mail/old']],
    ['mail/old/letter', ['mail/old']],
    ['mailbox', ['']],
  ])('the datasets of %s', (path, want) => {
    const all = history({ '': '@a:1', mail: '@a:1=2', 'mail/old': '@a:1=3' }, null);
    const past = choosePast(all, { kind: 'name', name: 'a' });
    expect([...datasetsOfPath(past, path.split('/')).keys()]).toEqual(want);
  });

  test('is listed by name, the newest first', () => {
    const mac = { '': '@a:1 @c:9', mail: '@c:9=10' };
    const server = { '': '@a:1 @b:5 @c:9', mail: '@b:5=6 @c:9=10' };
    expect(homeSnapshots(history(mac, server))).toEqual([
      { name: 'c', creation: 9, macName: null, bytes: 200, here: 'all', onServer: 'all' },
      { name: 'b', creation: 5, macName: null, bytes: 200, here: 'none', onServer: 'all' },
      { name: 'a', creation: 1, macName: null, bytes: 100, here: 'all', onServer: 'all' },
    ]);
  });
});

describe('what makes a view', () => {
  const views = viewsOf('data/profiles-conflicts', 'alice');
  const properties = { showing: { acltype: 'posix' }, raw: { keylocation: 'file:///k' } };

  function brief(step: Step): string {
    if (step.kind === 'clone') return `clone ${step.from}`;
    if (step.kind !== 'send') return step.kind;
    const { origin = '', keylocation = '' } = step.properties ?? {};
    return `send ${step.range.from?.name ?? 'all'}→${step.range.to.name} ${origin}${keylocation}`;
  }

  test.each<[string, Words, Words, string, string | null, readonly string[]]>([
    ['a clone of what is here', '@a:1 @b:5', '@a:1 @b:5', 'b', '', [`clone ${localHome}@b`]],
    [
      'what changed since an older one that is here',
      '@a:1 @c:9',
      '@a:1 @b:5 @c:9',
      'b',
      '',
      [`send ${serverHome}@a→${serverHome}@b ${localHome}@a`],
    ],
    [
      'what changed since a bookmark of one that is here',
      '@a:1 @c:9',
      '#old:1 @b:5 @c:9',
      'b',
      '',
      [`send ${serverHome}#old→${serverHome}@b ${localHome}@a`],
    ],
    ['all of it', '@c:9', '@b:5 @c:9', 'b', '', [`send all→${serverHome}@b file:///k`]],
    ['all of it, where there is no home', null, '@b:5', 'b', '', [`send all→${serverHome}@b file:///k`]],
    ['the rest of what was cut', '@a:1', '@a:1 @b:5', 'b', '>1..5', ['resume']],
    ['nothing of what cannot be gone on with', '@a:1', '@a:1 @b:5', 'b', '>1..4', ['discard-partial']],
    ['nothing more once it is there', '@a:1', '@a:1 @b:5', 'b', '@b:5', []],
  ])('%s', (_what, mac, server, name, there, want) => {
    const [localState, serverState] = [home(localHome, mac), home(serverHome, server)];
    const past = choosePast(joinHistory('alice', localState, serverState), { kind: 'name', name });
    const wanted: WantedView[] = [...past].map(([path, snapshot]) => ({ path, snapshot }));
    const known = there === '' ? { '': '' } : { '': '', [wanted[0]?.snapshot.guid ?? '']: there ?? '' };
    const situation = { views, localHome: localState, serverHome: serverState };
    const steps = planViews(wanted, { ...situation, there: home(views, known) }, properties);
    expect(steps.map(brief)).toEqual(want);
  });

  test('the places above it, one by one', () => {
    const state = home(localHome, '@a:1');
    const past = choosePast(joinHistory('alice', state, null), { kind: 'name', name: 'a' });
    const wanted = [...past].map(([path, snapshot]) => ({ path, snapshot }));
    const steps = planViews(wanted, { views, there: null, localHome: state, serverHome: null }, properties);
    const made = (dataset: string) => ({
      kind: 'create-container',
      dataset: dataset as DatasetName,
      properties: properties.showing,
    });
    expect(steps.slice(0, 3)).toEqual(
      ['data/profiles-conflicts', 'data/profiles-conflicts/restore', views].map(made),
    );
    expect(steps[3]).toMatchObject({ kind: 'clone', properties: { canmount: 'noauto', mountpoint: 'none' } });
  });
});
