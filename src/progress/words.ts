import { binarySize } from '../format/size.ts';
import { span } from '../format/time.ts';
import type { ProgressView } from './track.ts';

/** What a run is at, for people. Pure. */
export function activityInWords(activity: ProgressView['activity']): string {
  switch (activity) {
    case 'starting':
      return 'starting';
    case 'waiting':
      return 'waiting for another run';
    case 'ending-processes':
      return 'ending programs';
    case 'unmounting':
      return 'unmounting the home';
    case 'listing':
      return 'looking at both sides';
    case 'snapshotting':
      return 'making a snapshot';
    case 'planning':
      return 'planning';
    case 'sending':
      return 'sending';
    case 'receiving':
      return 'receiving';
    case 'setting-aside':
      return 'setting a conflict aside';
    case 'mounting':
      return 'mounting the home';
    case 'done':
      return 'done';
    case 'failed':
      return 'failed';
  }
}

/** `1.2 of 2.9 GiB`; '' while nothing is known. Pure. */
export function sizeInWords({ bytes, totalBytes }: ProgressView): string {
  if (totalBytes === null) return bytes === 0 ? '' : binarySize(bytes);
  const [moved = '', unit] = binarySize(bytes).split(' ');
  const total = binarySize(totalBytes);
  return total.endsWith(` ${unit ?? ''}`) ? `${moved} of ${total}` : `${moved} ${unit ?? ''} of ${total}`;
}

/** `12.3 MiB/s`; '' while nothing is known. Pure. */
export function rateInWords({ bytesPerSecond }: ProgressView): string {
  return bytesPerSecond === null ? '' : `${binarySize(bytesPerSecond)}/s`;
}

/** `3 min left`; '' while nothing is known. Pure. */
export function leftInWords({ secondsLeft }: ProgressView): string {
  return secondsLeft === null ? '' : `${span(secondsLeft * 1000)} left`;
}

/** `2 of 3 snapshots`; '' where there are not several. Pure. */
export function snapshotsInWords({ snapshot, snapshots }: ProgressView): string {
  return snapshots < 2 || snapshot === 0 ? '' : `${snapshot} of ${snapshots} snapshots`;
}

/** `42 %`; rounded down, for 100 % is all. Pure. */
export function percentInWords({ fraction }: ProgressView): string {
  return `${percentOf(fraction)} %`;
}

/** Whole percents of a fraction, rounded down. Pure. */
export function percentOf(fraction: number): number {
  return Math.floor(fraction * 100);
}
