import type { ProgressView } from '../progress/track.ts';
import {
  activityInWords,
  leftInWords,
  percentInWords,
  rateInWords,
  sizeInWords,
  snapshotsInWords,
} from '../progress/words.ts';

const [narrowestBar, widestBar] = [8, 24];

/** From the least to the most needed: what a narrow terminal leaves out first. */
const leftOutFirst = ['snapshots', 'rate', 'left', 'size'] as const;

/** A run's state in one line of at most `columns` characters, ASCII alone. Pure. */
export function barLine(user: string, view: ProgressView, columns: number): string {
  const start = `${user}: ${activityInWords(view.activity)}`;
  if (view.totalBytes === null) return start.slice(0, columns);
  const texts = new Map<string, string>([
    ['size', sizeInWords(view)],
    ['rate', rateInWords(view)],
    ['left', leftInWords(view)],
    ['snapshots', snapshotsInWords(view)],
  ]);
  for (const name of ['', ...leftOutFirst]) {
    texts.delete(name);
    const end = [percentInWords(view).padStart(5), ...[...texts.values()].filter((text) => text !== '')].join(
      '  ',
    );
    const room = columns - start.length - end.length - ' [] '.length;
    if (room >= narrowestBar) return `${start} [${bar(view.fraction, Math.min(room, widestBar))}] ${end}`;
  }
  return `${start} ${percentInWords(view)}`.slice(0, columns);
}

function bar(fraction: number, width: number): string {
  const full = Math.floor(fraction * width);
  return '#'.repeat(full).padEnd(width, '.');
}

/** The same in words, where there is no terminal. Pure. */
export function plainLine(user: string, view: ProgressView): string {
  const parts = [sizeInWords(view), rateInWords(view), leftInWords(view), snapshotsInWords(view)];
  const words = [activityInWords(view.activity), ...(view.totalBytes === null ? [] : [percentInWords(view)])];
  return `roamhome: ${user}: ${[...words, ...parts.filter((text) => text !== '')].join(', ')}`;
}
