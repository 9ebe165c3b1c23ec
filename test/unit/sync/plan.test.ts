import { describe, expect, test } from 'vitest';
import { planSync, type PlanOptions } from '../../../src/sync/plan.ts';
import type { Intent, Plan, Step } from '../../../src/sync/step.ts';
import { refusalError } from '../../../src/sync/refusal-error.ts';
import { home, localHome, serverHome, token } from '../../support/sync/homes.ts';

type Words = Parameters<typeof home>[1];

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
    case 'move-back':
    case 'promote':
      return expect.fail('a plan without a conflict arranges nothing');
    case 'send': {
      const { from, to, intermediates } = step.range;
      const base = from === null ? '' : last(from.name);
      const as = step.target.includes('@') ? ` as ${last(step.target)}` : '';
      const flags = step.properties?.['roamhome:sendflags'];
      const noted = flags === undefined ? '' : ` noting ${flags}`;
      return `${step.direction} ${base}${intermediates ? '…' : '→'}${last(to.name)}${as}${noted}`;
    }
    case 'resume':
      return `resume ${step.direction} ${last(step.target)}`.trim();
    case 'rollback':
      return `rollback ${last(step.to)}`;
    case 'discard-partial':
      return `discard ${last(step.dataset)}`.trim();
    case 'cover':
      return `cover ${last(step.dataset)}`.trim();
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
      'push →@a noting Lec, push @a…@c',
      'push →@a noting Lec, push @a…@c',
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
    ['here, of a raw stream, of a home that is not', '@a:1 >1..5!w', '@a:1 @b:5', 'discard, again'],
    ['here, of a stream without compression', '@a:1 >1..5!none', '@a:1 @b:5', 'discard, again'],
    ['there, our own, raw, of a home that is not', '@a:1 @b:5', '@a:1 >1..5!w', 'refused: server-blocked'],
    ['there, our own first one, raw', '@a:1', '>1!w', 'refused: server-blocked'],
  ])('%s', (_what, mac, server, want) => {
    expect(brief(planSync(home(localHome, mac), home(serverHome, server), options('login')))).toBe(want);
  });

  test('a logout leaves what waits on this Mac alone', () => {
    expect(
      brief(planSync(home(localHome, '@a:1 >?'), home(serverHome, '@a:1 @b:5'), options('logout'))),
    ).toBe('nothing');
  });
});

describe('what zfs has refused in this run', () => {
  const refused = { setbacks: { refused: new Set([token]), written: new Set<never>() } };

  test('an interrupted receive on this Mac is given up, and comes anew', () => {
    const server = home(serverHome, '@a:1 @b:5');
    expect(brief(planSync(home(localHome, '@a:1 @auto:3=9~ >1..5'), server, options('login', refused)))).toBe(
      'discard, again',
    );
    expect(brief(planSync(home(localHome, '@a:1 @auto:3=9~'), server, options('login', refused)))).toBe(
      'pull @a→@b',
    );
  });

  test('one on the server is told by the snapshot that came in between, and by what gives it up', () => {
    const { refusal } = planSync(
      home(localHome, '@a:1 @b:5'),
      home(serverHome, '@a:1 @auto:3=9~ >1..5'),
      options('logout', refused),
    );
    expect(refusal?.kind).toBe('server-blocked');
    expect(refusal?.evidence).toMatch(/^@auto was made there while a stream came in.*`roamhome tend`/);
  });

  test('what was written on the server is told with the command that gives it up', () => {
    const setbacks = { refused: new Set<never>(), written: new Set([serverHome]) };
    const plan = planSync(
      home(localHome, '@a:1 @b:5'),
      home(serverHome, '@a:1'),
      options('logout', { setbacks }),
    );
    expect(plan.refusal?.kind).toBe('server-blocked');
    expect(plan.refusal?.evidence).toContain(`\`zfs rollback ${serverHome}@a\``);
  });
});

describe('a home that is sent as it is encrypted', () => {
  test.each([
    ['an empty one here is sent: what follows needs it there', '@a:1 @auto:2~', '@a:1', 'push @a→@auto'],
    ['an empty one there is received', '@a:1', '@a:1 @auto:2~', 'pull @a→@auto'],
    ['one with changes on top of it', '@a:1 @auto:2~ @b:3', '@a:1', 'push @a…@b'],
    ['an empty one on each side: nothing is lacking', '@a:1 @x:2~', '@a:1 @y:3=9~', 'nothing'],
    ['an empty one there stands in the way', '@a:1 @b:5', '@a:1 @auto:2=9~', 'refused: server-blocked'],
    ['an empty one here stands in the way', '@a:1 @auto:2~', '@a:1 @b:5', 'refused: diverged'],
    ['both have changes', '@a:1 @x:2', '@a:1 @b:5', 'refused: diverged'],
  ])('%s', (_what, mac, server, want) => {
    const plan = planSync(home(localHome, mac, 'w'), home(serverHome, server, 'w'), options('login'));
    expect(brief(plan)).toBe(want);
  });

  test('what stands in the way on the server is named with the command that removes it', () => {
    const server = home(serverHome, '@a:1 @autosnap_1:2=9~', 'w');
    const { refusal } = planSync(home(localHome, '@a:1 @b:5', 'w'), server, options('logout'));
    expect(refusal?.evidence).toContain(`\`zfs destroy ${serverHome}@autosnap_1\``);
    expect(refusalError(refusal!, 'server.example').remedy).toContain('zfs destroy');
  });

  test('all that stands in the way is named at once, in the home and below it, and the command that sends it then', () => {
    const local = home(localHome, { '': '@a:1 @b:5', mail: '@a:11 @b:15' }, 'w');
    const server = home(serverHome, { '': '@a:1 @auto:2=9~', mail: '@a:11 @auto:12=19~' }, 'w');
    const { refusal } = planSync(local, server, options('logout'));
    const both = `\`zfs destroy ${serverHome}@auto; zfs destroy ${serverHome}/mail@auto\``;
    for (const words of [refusal?.evidence, refusal?.cure]) {
      expect(words).toContain(both);
      expect(words).toContain('`roamhome push --pending`');
    }
  });

  test('what stands in the way here is no conflict before the next login', () => {
    const plan = planSync(
      home(localHome, '@a:1 @auto:2~', 'w'),
      home(serverHome, '@a:1 @b:5', 'w'),
      options('logout'),
    );
    expect(brief(plan)).toBe('nothing');
    expect(plan.behind).toBe(true);
  });
});

describe('names with blanks', () => {
  const login = (mac: Words, server: Words): Plan =>
    planSync(home(localHome, mac), home(serverHome, server), options('login'));

  test.each<[string, Words, Words, string]>([
    ['one on the way from here is left', '@a:1 @my%x:2 @b:3', '@a:1', 'push @a→@b'],
    ['one on the way from there is passed over', '@a:1', '@a:1 @my%x:2 @b:3 @c:4', 'pull @a→@b, pull @b→@c'],
    ['the newest from here has a plain name there', '@a:1 @my%x:2', '@a:1', 'push @a→@my x as @my-x-2'],
    ['the first from here too', '@my%x:2', null, 'push →@my x as @my-x-2 noting Lec'],
    ['the newest there, without changes', '@a:1', '@a:1 @b:2 @my%x:3~', 'pull @a→@b'],
    ['the newest there gets a snapshot on top', '@a:1', '@a:1 @my%x:2', 'cover, again'],
    ['an empty one with a plain name on top will do', '@a:1', '@a:1 @my%x:2 @t:3~', 'pull @a→@t'],
    ['the newest there, and nothing here', null, '@a:1 @my%x:2', 'cover, again'],
    ['the newest there, and both moved on', '@a:1 @z:7', '@a:1 @my%x:2', 'cover, again'],
    ['what both have is gone over from an older one', '@a:1 @m%x:2', '@a:1 @m%x:2 @b:3', 'pull @a…@b'],
    ['what both have is known there by a bookmark too', '@m%x:2', '@m%x:2 #m:2 @b:3', 'pull #m→@b'],
  ])('%s', (_what, mac, server, want) => {
    expect(brief(login(mac, server))).toBe(want);
  });

  test('a dataset is left and told, those around it are sent', () => {
    const plan = login({ '': '@a:1 @b:2', 'my child': '@a:1', zz: '@a:1' }, { '': '@a:1' });
    expect(brief(plan)).toBe('push @a→@b, push →/zz@a');
    expect(plan.left).toMatchObject([{ dataset: `${localHome}/my child`, isUnsent: true }]);
    const { code, remedy } = refusalError(plan.left[0]!, 'server.example');
    expect({ code, remedy }).toEqual({
      code: 'name-invalid',
      remedy: `Run \`zfs rename '${localHome}/my child' ${localHome}/my-child\` on this Mac.`,
    });
  });

  test('one of the server is left there', () => {
    const plan = login({ '': '@a:1' }, { '': '@a:1 @b:2', 'my child': '@a:1' });
    expect(brief(plan)).toBe('pull @a→@b');
    expect(plan.left).toMatchObject([{ dataset: `${serverHome}/my child`, isUnsent: false }]);
  });

  test('a base that the server cannot name is told with the command that renames it', () => {
    const plan = login('@m%x:2', '@m%x:2 @b:3');
    expect(brief(plan)).toBe('nothing');
    expect(plan.left[0]?.cure).toBe(
      `Run \`zfs rename '${serverHome}@m x' ${serverHome}@m-x\` on the server.`,
    );
  });
});

describe('homes of several datasets', () => {
  test('what is new of the server comes before what is sent to it', () => {
    const mac = home(localHome, { '': '@a:1 @b:2', mail: '@a:1' });
    const server = home(serverHome, { '': '@a:1', mail: '@a:1 @c:3' });
    expect(brief(planSync(mac, server, options('login')))).toBe('pull /mail@a→/mail@c, push @a→@b');
  });

  test.each([
    [
      'parents before children',
      { '': '@a:1', mail: '@a:1', 'mail/old': '@a:1' },
      null,
      'push →@a noting Lec, push →/mail@a, push →/mail/old@a',
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
    ['excluded there', { '': '@a:1 @b:2', caches: '@a:1' }, { '': '@a:1', caches: 'off @a:1' }, 'push @a→@b'],
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
    ['cannot be one that is not there', '@a:1 @b:2', null, 'push →@a noting Lec, push @a→@b'],
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
    ['nothing on record there, whatever is here', 'Lec', null, 'record , push @a→@b'],
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
