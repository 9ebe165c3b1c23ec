import { describe, expect, test } from 'vitest';
import { planSync, type PlanOptions } from '../../../src/replication/plan.ts';
import type { Intent, Plan, Step } from '../../../src/replication/step.ts';
import { home, localHome, serverHome } from './homes.ts';

function options(intent: Intent, more: Partial<PlanOptions> = {}): PlanOptions {
  return { intent, localHome, serverHome, createOnServer: true, defaultFlags: 'Lec', ...more };
}

const last = (name: string): string => name.replace(/^.*\/alice/, '');

function briefStep(step: Step): string {
  switch (step.kind) {
    case 'create-container':
    case 'clone':
    case 'mark':
    case 'rename':
    case 'promote':
      return expect.fail('a plan without a conflict arranges nothing');
    case 'send': {
      const { from, to, intermediates } = step.range;
      const base = from === null ? '' : last(from.name);
      const as = step.target.includes('@') ? ` as ${last(step.target)}` : '';
      return `${step.direction} ${base}${intermediates ? '…' : '→'}${last(to.name)}${as}`;
    }
    case 'resume':
      return `resume ${step.direction} ${last(step.target)}`.trim();
    case 'rollback':
      return `rollback ${last(step.to)}`;
    case 'discard-partial':
      return `discard ${last(step.dataset)}`.trim();
    case 'record-flags':
      return `record ${step.flags}`;
  }
}

function brief(plan: Plan): string {
  if (plan.refusal !== null) return `refused: ${plan.refusal.kind}`;
  return [...plan.steps.map(briefStep), ...(plan.again ? ['again'] : [])].join(', ') || 'nothing';
}

describe('one dataset', () => {
  test.each([
    // what, mac, server, login, logout
    ['equal', '@a:1', '@a:1', 'nothing', 'nothing'],
    ['equal, mounted since', '@a:1 +', '@a:1', 'nothing', 'nothing'],
    ['equal by a bookmark on the server', '@a:1', '#a:1', 'nothing', 'nothing'],
    ['behind by one', '@a:1', '@a:1 @b:5', 'pull @a→@b', 'nothing'],
    ['behind by three: one stream', '@a:1', '@a:1 @b:5 @c:6 @d:7', 'pull @a…@d', 'nothing'],
    [
      'behind, and written to without a change of a file',
      '@a:1 +',
      '@a:1 @b:5',
      'rollback @a, pull @a→@b',
      'nothing',
    ],
    [
      'a bookmark on the server serves a Mac that was away',
      '@a:1',
      '#a:1 @b:5 @c:6',
      'pull #a→@b, pull @b→@c',
      'nothing',
    ],
    ['the same, further on', '@a:1', '#a:1 @b:5 @c:6 @d:7', 'pull #a→@b, pull @b…@d', 'nothing'],
    ['ahead by one', '@a:1 @b:5', '@a:1', 'push @a→@b', 'push @a→@b'],
    ['ahead by two', '@a:1 @b:5 @c:6', '@a:1', 'push @a…@c', 'push @a…@c'],
    ['ahead of a bookmark here', '#a:1 @b:5', '@a:1', 'push #a→@b', 'push #a→@b'],
    ['guids decide, not names', '@a:1 @b:5=77', '@x:3=1 @y:9=77', 'nothing', 'nothing'],
    ['guids decide, not the order of creation', '@a:9=1', '@a:3=1 @b:4=2', 'pull @a→@b', 'nothing'],
    ['both moved on', '@a:1 @x:2', '@a:1 @b:5', 'refused: diverged', 'refused: diverged'],
    ['nothing in common', '@x:2=2', '@a:1 @b:5', 'refused: no-common', 'refused: no-common'],
    [
      'only a bookmark here: a receive needs a snapshot',
      '#a:1',
      '@a:1 @b:5',
      'refused: no-common',
      'refused: no-common',
    ],
    ['only a bookmark there: likewise', '@a:1 @b:5', '#a:1', 'refused: no-common', 'refused: no-common'],
    ['missing here: the newest only', null, '@a:1 @b:2', 'pull →@b', 'nothing'],
    [
      'missing there: all history',
      '@a:1 @b:2 @c:3',
      null,
      'push →@a, push @a…@c, record Lec',
      'push →@a, push @a…@c, record Lec',
    ],
    ['missing on both sides', null, null, 'refused: home-missing', 'refused: home-missing'],
    ['both empty: nothing to build on', '', '', 'refused: no-common', 'refused: no-common'],
  ])('%s', (_what, mac, server, login, logout) => {
    const [here, there] = [home(localHome, mac), home(serverHome, server)];
    expect(brief(planSync(here, there, options('login')))).toBe(login);
    expect(brief(planSync(here, there, options('logout')))).toBe(logout);
  });
});

describe("other people's snapshots", () => {
  test.each([
    ['an admin made one on the server', '@a:1', '@a:1 @admin:4~', 'nothing'],
    ['and the Mac went on', '@a:1 @b:5', '@a:1 @admin:4~', 'push @a→@b'],
    [
      'an admin made one with the changes of nobody, and the server went on',
      '@a:1',
      '@a:1 @admin:4~ @b:5',
      'pull @a…@b',
    ],
    [
      'a tool made some here while logged in: their changes are sent',
      '@a:1 @auto1:2 @auto2:3~ @b:5',
      '@a:1',
      'push @a…@b',
    ],
    ['a tool made an empty one here', '@a:1 @auto1:2~', '@a:1 @b:5', 'pull @a→@b'],
    ['one with changes here and the server went on', '@a:1 @auto1:2', '@a:1 @b:5', 'refused: diverged'],
    ['the same name on both sides: left out', '@a:1 @auto:2 @b:5', '@a:1 @auto:3=99~', 'push @a→@b'],
    [
      'the same, with more around it',
      '@a:1 @x:2 @auto:3 @b:5 @c:6',
      '@a:1 @auto:3=99~',
      'push @a→@x, push @x→@b, push @b→@c',
    ],
    [
      'the same name is the newest: another name there',
      '@a:1 @auto:2=42',
      '@a:1 @auto:3=99~',
      'push @a→@auto as @auto-42',
    ],
    ['the same on the way here', '@a:1 @auto:2=42~', '@a:1 @auto:3=99', 'pull @a→@auto as @auto-99'],
  ])('%s', (_what, mac, server, want) => {
    expect(brief(planSync(home(localHome, mac), home(serverHome, server), options('login')))).toBe(want);
  });
});

describe('interrupted receives', () => {
  test.each([
    ['here, incremental, still wanted', '@a:1 >1..5', '@a:1 @b:5', 'resume pull, again'],
    ['here, and written to since', '@a:1 + >1..5', '@a:1 @b:5', 'rollback @a, resume pull, again'],
    ['here, one of several', '@a:1 >1..5', '@a:1 @b:5 @c:6', 'resume pull, again'],
    ['here, in full', '>5', '@a:1 @b:5', 'resume pull, again'],
    ['here, in full, and the server has thinned it', '>4', '@b:5', 'discard, again'],
    ['here, its target is gone', '@a:1 >1..4', '@a:1 @b:5', 'discard, again'],
    ['here, its base is not the newest', '@a:1 @b:2 >1..5', '@a:1 @b:2 @c:5', 'discard, again'],
    ['here, unreadable', '@a:1 >?', '@a:1 @b:5', 'discard, again'],
    ['here, and nothing to pull any more', '@a:1 >0..1', '@a:1', 'discard, again'],
    ['there, our own', '@a:1 @b:5', '@a:1 >1..5', 'resume push, again'],
    ['there, our own first one', '@a:1', '>1', 'resume push, again'],
    ["there, another Mac's", '@a:1 @b:5', '@a:1 >1..77', 'refused: server-blocked'],
    ['there, unreadable', '@a:1 @b:5', '@a:1 >?', 'refused: server-blocked'],
    ["there, another Mac's first one", '@a:1', '>77', 'refused: server-blocked'],
    ["there, another Mac's, and this one only pulls", '@a:1', '@a:1 @b:5 >5..77', 'pull @a→@b'],
    ['there in full, and nothing here', null, '>77', 'refused: home-missing'],
  ])('%s', (_what, mac, server, want) => {
    expect(brief(planSync(home(localHome, mac), home(serverHome, server), options('login')))).toBe(want);
  });

  test('a logout leaves what waits on this Mac alone', () => {
    expect(
      brief(planSync(home(localHome, '@a:1 >?'), home(serverHome, '@a:1 @b:5'), options('logout'))),
    ).toBe('nothing');
  });
});

describe('homes of several datasets', () => {
  test.each([
    [
      'parents before children',
      { '': '@a:1', mail: '@a:1', 'mail/old': '@a:1' },
      null,
      'push →@a, push →/mail@a, push →/mail/old@a, record Lec',
    ],
    ['each its own way', { '': '@a:1 @b:2', mail: '@a:1 @b:2~' }, { '': '@a:1', mail: '@a:1' }, 'push @a→@b'],
    [
      'one child behind',
      { '': '@a:1', mail: '@a:1' },
      { '': '@a:1', mail: '@a:1 @b:2' },
      'pull /mail@a→/mail@b',
    ],
    ['a child is new there', { '': '@a:1' }, { '': '@a:1', mail: '@a:1' }, 'pull →/mail@a'],
    ['excluded here', { '': '@a:1 @b:2', caches: 'off' }, { '': '@a:1', caches: '@a:1' }, 'push @a→@b'],
    ['excluded there', { '': '@a:1 @b:2', caches: '@a:1' }, { '': '@a:1', caches: 'off' }, 'push @a→@b'],
    [
      'excluded with all below it',
      { '': '@a:1', caches: 'off' },
      { '': '@a:1', 'caches/deep': '@a:1' },
      'nothing',
    ],
    [
      'one that diverged stops the home',
      { '': '@a:1 @b:2', mail: '@a:1 @x:2=9' },
      { '': '@a:1', mail: '@a:1 @y:3' },
      'refused: diverged',
    ],
    [
      'the first pull was cut, and the server has another home now: nothing fits below what is discarded',
      { '': '>77' },
      { '': '@a:1', mail: '@a:1' },
      'discard, again',
    ],
    ['an empty child stops nothing', { '': '@a:1 @b:2', mail: '' }, { '': '@a:1' }, 'push @a→@b'],
  ] as const)('%s', (_what, mac, server, want) => {
    expect(brief(planSync(home(localHome, mac), home(serverHome, server), options('login')))).toBe(want);
  });
});

describe('a line that another session carries on', () => {
  const lineTaken = 'alice is logged in on mac-b';
  test.each([
    ['is not carried on from here', '@a:1 @b:2', '@a:1', 'refused: server-blocked'],
    ['concerns nobody who has nothing', '@a:1', '@a:1 @b:5', 'nothing'],
    ['may have left ours already', '@a:1 @b:2', '@a:1 @c:5', 'refused: diverged'],
    ['cannot be one that is not there', '@a:1 @b:2', null, 'push →@a, push @a→@b, record Lec'],
  ] as const)('%s', (_what, mac, server, want) => {
    const there = server === null ? null : home(serverHome, server);
    const plan = planSync(home(localHome, mac), there, options('checkpoint', { lineTaken }));
    expect(brief(plan)).toBe(want);
    if (plan.refusal?.kind === 'server-blocked') expect(plan.refusal.evidence).toBe(lineTaken);
  });
});

describe('policies and records', () => {
  test('a home that the server lacks is not sent when the policy forbids it', () => {
    const plan = planSync(home(localHome, '@a:1'), null, options('logout', { createOnServer: false }));
    expect(brief(plan)).toBe('refused: not-created');
  });

  test.each([
    ['nothing on record there, whatever is here', 'Lec', null, 'push @a→@b, record '],
    ['on record there', null, 'Lec', 'push @a→@b'],
  ] as const)('%s', (_what, here, there, want) => {
    const plan = planSync(
      home(localHome, '@a:1 @b:2', here),
      home(serverHome, '@a:1', there),
      options('logout', { defaultFlags: '' }),
    );
    expect(brief(plan)).toBe(want);
  });

  test('what is received in full on this Mac has its local properties from the start, the mountpoint at its root', () => {
    const newHome = {
      root: { mountpoint: '/Users/alice' },
      each: { atime: 'off' },
      raw: { keylocation: 'file:///k' },
    };
    const server = home(serverHome, { '': '@a:1', mail: '@a:1' });
    const { steps } = planSync(null, server, options('login', { newHome }));
    expect(steps).toMatchObject([
      { target: localHome, properties: { mountpoint: '/Users/alice', atime: 'off' } },
      { target: `${localHome}/mail`, properties: { atime: 'off' } },
    ]);
    expect(steps[1]).not.toHaveProperty('properties.mountpoint');
    expect(steps[0]).not.toHaveProperty('properties.keylocation');
    const raw = planSync(null, { ...server!, sendFlags: 'w' }, options('login', { newHome }));
    expect(raw.steps).toMatchObject([newHome.raw, newHome.raw].map((properties) => ({ properties })));
  });

  test('nothing is recorded when nothing is sent', () => {
    expect(
      brief(planSync(home(localHome, '@a:1', null), home(serverHome, '@a:1', null), options('login'))),
    ).toBe('nothing');
  });

  test('planning twice gives the same plan', () => {
    const plan = (): Plan =>
      planSync(home(localHome, '@a:1'), home(serverHome, '@a:1 @b:2'), options('login'));
    expect(plan()).toEqual(plan());
  });
});
