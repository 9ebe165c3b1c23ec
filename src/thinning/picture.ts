import type { DayLeft } from './explain-schedule.ts';

const indent = '  ';
const weeks = 53;

/** A day's character by how many of its 24 snapshots are left. */
function cell(left: number): string {
  if (left === 0) return '·';
  if (left === 1) return '▁';
  if (left < 12) return '▃';
  return left < 24 ? '▅' : '█';
}

/**
 * The days as seven lines of 53 columns, a column a week, today at the bottom right; below it a scale and what the characters
 * mean. No line is wider than 80 columns. Pure.
 */
export function drawYear(days: readonly DayLeft[]): readonly string[] {
  const cells = new Map(days.map(({ daysAgo, left }) => [daysAgo, cell(left)]));
  const lines = Array.from({ length: 7 }, (_, row) => {
    const line = Array.from({ length: weeks }, (__, column) => {
      const daysAgo = (weeks - 1 - column) * 7 + (6 - row);
      return cells.get(daysAgo) ?? ' ';
    });
    return (indent + line.join('')).trimEnd();
  });
  const total = days.reduce((sum, { left }) => sum + left, 0);
  return [
    ...lines,
    `${indent}${scale()}`,
    '',
    `${indent}A column is a week, a character a day, the last 24 hours at the bottom right:`,
    `${indent}· none left, ▁ one, ▃ 2 to 11, ▅ 12 to 23, █ all 24`,
    `${indent}${total} of ${days.length * 24} are left.`,
  ];
}

/** How many months ago, each number beginning at its column. */
function scale(): string {
  let line = '';
  for (const months of [12, 9, 6, 3]) {
    const column = weeks - 1 - Math.floor((months * 365) / 12 / 7);
    line = `${line.padEnd(column)}${months}${line === '' ? ' months' : ''}`;
  }
  return line.padEnd(weeks - 'now'.length) + 'now';
}
