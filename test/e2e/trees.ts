import { expect } from 'vitest';

const shownDifferences = 20;

/** Fails with the first entries that differ between two trees of `describeTree`, not with megabytes. */
export function expectSameTree(now: string, before: string): void {
  if (now === before) return;
  expect(differences(before, now)).toEqual([]);
  // Other lines in the same order are the only other way to differ.
  throw new Error('the trees have the same lines in another order');
}

/** Lines that only one of the trees has: `-` what was there before, `+` what is there now. */
export function differences(before: string, now: string): readonly string[] {
  const [linesBefore, linesNow] = [before.split('\n'), now.split('\n')];
  const [hadBefore, hasNow] = [new Set(linesBefore), new Set(linesNow)];
  const all = [
    ...linesBefore.filter((line) => !hasNow.has(line)).map((line) => `- ${brief(line)}`),
    ...linesNow.filter((line) => !hadBefore.has(line)).map((line) => `+ ${brief(line)}`),
  ];
  if (all.length <= shownDifferences) return all;
  return [...all.slice(0, shownDifferences), `and ${all.length - shownDifferences} more`];
}

function brief(line: string): string {
  return line.length <= 400 ? line : `${line.slice(0, 400)}…`;
}
