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
