import { count } from '../format/count.ts';
import type { RestoreReport } from '../conflicts/restore-conflict.ts';
import type { NotRestored } from '../conflicts/restore-plan.ts';
import { pathText } from '../conflicts/file-tree.ts';
import { visible } from '../log/visible.ts';
import { plainPath } from './diff-text.ts';

/** What was left out, and the warnings. Pure. */
export function notRestoredLines({
  skipped,
  failed,
  warnings,
  leftBehind,
}: Pick<RestoreReport, 'skipped' | 'failed' | 'warnings' | 'leftBehind'>): readonly string[] {
  return [
    ...warnings.map((warning) => `roamhome: ${warning}`),
    ...leftBehind.map((stage) => `roamhome: copies are left in ${visible(stage)}: remove it`),
    ...[...skipped, ...failed].map(
      ({ path, why }) => `not restored: ${visible(`${pathText(path)}: ${why}`)}`,
    ),
  ];
}

/** One line; a directory counts as one, with all that is in it. Pure. */
export function summariseRestore({ restored, skipped, failed, target }: RestoreReport): string {
  const left = skipped.length + failed.length;
  const rest = left === 0 ? '' : `, ${left} not restored`;
  if (restored.length + left === 0) return `nothing to restore: ${target} has all of it`;
  return `restored ${count(restored.length, 'path')} to ${target}${rest}`;
}

/** A report for programs. Pure. */
export function restoreToJson({ restored, skipped, failed, ...plain }: RestoreReport): string {
  const left = (list: readonly NotRestored[]) => list.map(({ path, why }) => ({ ...plainPath(path), why }));
  return JSON.stringify(
    { ...plain, restored: restored.map(plainPath), skipped: left(skipped), failed: left(failed) },
    null,
    2,
  );
}
