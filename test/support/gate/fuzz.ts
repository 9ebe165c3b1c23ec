import { judge } from '../../../src/gate/judge.ts';
import type { Policy } from '../../../src/gate/policy.ts';
import { parseDatasetName } from '../../../src/zfs/names.ts';
import { anyLine, mutate, randomFrom } from './mutate.ts';
import { mayPass } from './oracle.ts';

const everything: Policy = {
  mac: 'mac7',
  homes: parseDatasetName('data/profiles'),
  conflicts: parseDatasetName('data/profiles-conflicts'),
  users: ['*'],
  mode: 'append',
};

const policies: readonly Policy[] = [
  everything,
  { ...everything, mac: 'mac-a', users: ['alice', 'al-ice', 'a.b'] },
  { ...everything, mode: 'read' },
  { ...everything, users: ['al'], mode: 'read' },
  { ...everything, mac: 'ice-mac7', users: ['al'] },
];

/** What came of the lines. */
export interface FuzzResult {
  /** Lines on which the gate and the oracle disagree, and those that did not get to zfs word for word; empty is right. */
  readonly wrong: readonly string[];
  readonly legal: number;
  readonly refused: number;
}

/** Puts so many mutated command lines to the gate, and what it lets through to the oracle. */
export function fuzz(count: number, seed: number): FuzzResult {
  const random = randomFrom(seed);
  const wrong: string[] = [];
  let legal = 0;
  for (let done = 0; done < count; done++) {
    const policy = policies[done % policies.length] ?? everything;
    const line = anyLine(random, policy);
    // One in ten as it is: the two must agree on what is legal too.
    const asked = random() < 0.1 ? line : mutate(random, line, anyLine(random, policy));
    const verdict = judge(asked, policy);
    const isLegal = verdict.kind === 'legal';
    if (isLegal) legal += 1;
    if (isLegal && ['zfs', ...verdict.words].join(' ') !== asked) wrong.push(`not word for word: ${asked}`);
    // A token that the oracle would take may hold more that it cannot see.
    const isStricter = !isLegal && asked.startsWith('zfs send -P -v -t ');
    if (mayPass(asked, policy) !== isLegal && !isStricter)
      wrong.push(
        `${isLegal ? 'passed' : `refused (${verdict.why})`} for ${JSON.stringify(policy)}: ${JSON.stringify(asked)}`,
      );
    if (wrong.length === 10) break;
  }
  return { wrong, legal, refused: count - legal };
}
