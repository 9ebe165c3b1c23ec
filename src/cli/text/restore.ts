import { count } from '../../format/count.ts';
import type { KeptAside } from '../../homes/files/keep-aside.ts';
import type { RestoreReport } from '../../homes/conflicts/restore-conflict.ts';
import type { NotRestored } from '../../homes/files/restore-plan.ts';
import { pathText } from '../../homes/files/file-tree.ts';
import { visible } from '../../log/visible.ts';
import type { JsonDocument } from '../framework/context.ts';
import { plainPath } from './tree-diff.ts';

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

/** One line, and one for each path of which two versions are there now; a directory counts as one, with all that is in it. Pure. */
export function summariseRestore(report: RestoreReport): string {
  const { restored, skipped, failed, kept, beside, target } = report;
  const left = skipped.length + failed.length;
  const rest = left === 0 ? '' : `, ${left} not restored`;
  if (restored.length + left === 0) return `nothing to restore: ${target} has all of it`;
  return [
    `restored ${count(restored.length, 'path')} to ${target}${rest}`,
    ...beside.map(({ path, as }) =>
      visible(`both are there: ${pathText(path)}, and the conflict's as "${as}"`),
    ),
    ...kept.map(({ path, as }) => visible(`replaced: ${pathText(path)}; what was there is now "${as}"`)),
  ].join('\n');
}

/** A report for programs. Pure. */
export function restoreToJson({
  restored,
  skipped,
  failed,
  kept,
  beside,
  ...plain
}: RestoreReport): JsonDocument {
  const named = (list: readonly KeptAside[]) => list.map(({ path, as }) => ({ ...plainPath(path), as }));
  const left = (list: readonly NotRestored[]) => list.map(({ path, why }) => ({ ...plainPath(path), why }));
  return {
    ...plain,
    restored: restored.map(plainPath),
    ...{ kept: named(kept), beside: named(beside), skipped: left(skipped), failed: left(failed) },
  };
}
