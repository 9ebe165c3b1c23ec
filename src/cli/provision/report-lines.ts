import type { RoamhomeError } from '../../errors/errors.ts';
import type { JsonDocument } from '../framework/context.ts';
import type { Report } from '../../provision/run-tasks.ts';

/** What a run tells at its end. Pure. */
export function reportLines(
  { done, alreadySo, left }: Report,
  { isDryRun, failed }: { readonly isDryRun: boolean; readonly failed: boolean },
): readonly string[] {
  const part = (title: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)];
  const nothing = done.length === 0 && !failed ? ['nothing to do: all is so already'] : [];
  return [
    ...nothing,
    ...part(isDryRun ? 'would be done (nothing was changed):' : 'done:', done),
    ...part('already so:', alreadySo),
    ...part('left for you:', left),
  ];
}

/** Each thing that is in the way, where it is more than the one that the error tells of. Pure. */
export function obstacleLines(obstacles: readonly RoamhomeError[]): readonly string[] {
  if (obstacles.length < 2) return [];
  return [
    `in the way, ${obstacles.length} things:`,
    ...obstacles.flatMap(({ message, remedy }) => [`  ${message}`, `    what to do: ${remedy}`]),
  ];
}

/** A change that was made or, in a dry run, would be. */
export interface ToldChange {
  readonly machine: string;
  readonly does: string;
  /** In a dry run: the command, or the file whole. */
  readonly details: readonly string[];
}

/** The same for programs, with each change. Pure. */
export function reportToJson(
  { done, alreadySo, left }: Report,
  {
    isDryRun,
    obstacles,
    changes,
  }: {
    readonly isDryRun: boolean;
    readonly obstacles: readonly RoamhomeError[];
    readonly changes: readonly ToldChange[];
  },
): JsonDocument {
  return { dryRun: isDryRun, changes, done, alreadySo, left, obstacles };
}
