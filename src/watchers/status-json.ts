import { isoTime } from '../format/time.ts';
import type { Run } from '../progress/run.ts';
import type { ProgressView } from '../progress/track.ts';

/** No session's, for which somebody waits in front of a window: it shows itself only once it moves data. Pure. */
export function isJob({ what }: Run): boolean {
  return what !== 'login' && what !== 'logout';
}

/** A run's state for any program that wants to know it; everybody may read it. Pure. */
export function statusJson(run: Run, pid: number, view: ProgressView): string {
  const { activity, bytes, totalBytes, snapshot, snapshots, bytesPerSecond, secondsLeft } = view;
  return `${JSON.stringify(
    {
      ...{ user: run.user, run: run.what, pid, state: activity },
      ...{ since: isoTime(view.since), startedAt: isoTime(view.startedAt), updatedAt: isoTime(view.at) },
      step: { snapshot, snapshots },
      ...{ bytes, totalBytes, fraction: Math.round(view.fraction * 1000) / 1000 },
      bytesPerSecond: bytesPerSecond === null ? null : Math.round(bytesPerSecond),
      ...{ secondsLeft, summary: view.summary, error: view.problem, warnings: view.warnings },
      notices: view.notices ?? [],
    },
    null,
    2,
  )}\n`;
}
