import { describe, expect, test } from 'vitest';
import { describePlan, describeRefusal, describeStep } from '../../../src/sync/describe.ts';
import { planSync } from '../../../src/sync/plan.ts';
import { refusalError } from '../../../src/sync/refusal-error.ts';
import type { Plan, Refusal } from '../../../src/sync/step.ts';
import { home, localHome, serverHome } from '../../support/sync/homes.ts';

const plan = (mac: string | null, server: string | null): Plan =>
  planSync(home(localHome, mac), home(serverHome, server, null), {
    intent: 'login',
    localHome,
    serverHome,
    createOnServer: true,
    defaultFlags: 'Lec',
  });

test.each([
  ['@a:1', null, ['push all of @a into tank/homes/alice']],
  [
    '@a:1 +',
    '@a:1 @b:2 @c:3',
    [
      'go back to data/profiles/alice@a, from which no file differs',
      'pull what changed from @a to @c, with what lies between, into data/profiles/alice',
    ],
  ],
  ['@a:1', '#a:1 @b:2', ['pull what changed from #a to @b, into data/profiles/alice']],
  [
    '@a:1 >1..2',
    '@a:1 @b:2',
    ['pull the rest of an interrupted stream into data/profiles/alice (10 bytes are there)'],
  ],
  [
    '@a:1 >?',
    '@a:1 @b:2',
    ['discard the interrupted receive into data/profiles/alice: its token cannot be read'],
  ],
])('the steps of %s beside %s in words', (mac, server, want) => {
  expect(plan(mac, server).steps.map(describeStep)).toEqual(want);
});

test.each([
  ['@a:1', '@a:1', 'nothing to do: both sides are equal'],
  ['@a:1 @b:2', null, '2 steps'],
  ['@a:1', '@a:1 @b:2', '1 step'],
  [
    '@a:1 @x:2 @y:3 @z:4 @w:5',
    '@a:1 @b:6',
    'data/profiles/alice went two ways: since @a this Mac has @y @z @w and 1 older ones, the server has @b',
  ],
  [
    '@x:2',
    '@a:1',
    'data/profiles/alice has no version that both sides can build on: this Mac has data/profiles/alice@x, the server has tank/homes/alice@a',
  ],
  [null, null, 'there is no home data/profiles/alice: the server has no tank/homes/alice either'],
])('the plan of %s beside %s in words', (mac, server, want) => {
  expect(describePlan(plan(mac, server))).toBe(want);
});

describe('a refusal', () => {
  const kinds: readonly (readonly [Refusal['kind'], string, boolean])[] = [
    ['diverged', 'diverged', false],
    ['no-common', 'no-common-base', false],
    ['server-blocked', 'server-blocked', true],
    ['home-missing', 'home-missing', false],
    ['not-created', 'home-missing', false],
    ['unsayable', 'name-invalid', false],
  ];

  test.each(kinds)('%s is an error with a remedy', (kind, code, retryable) => {
    const refusal: Refusal = { kind, dataset: localHome, evidence: 'this and that' };
    const error = refusalError(refusal, 'server.example');
    expect(error).toMatchObject({ code, retryable, message: describeRefusal(refusal) });
    expect(error.message).toContain('this and that');
    expect(error.remedy.length).toBeGreaterThan(20);
  });
});
