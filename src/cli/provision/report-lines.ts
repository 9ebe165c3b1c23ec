import { jsonText } from '../json.ts';
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
    failure,
    changes,
  }: {
    readonly isDryRun: boolean;
    readonly failure: Error | null;
    readonly changes: readonly ToldChange[];
  },
): string {
  return jsonText({ dryRun: isDryRun, changes, done, alreadySo, left, problem: failure });
}
