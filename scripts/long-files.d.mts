export const longSeconds: number;
export function inTurn(files: readonly string[], hash: string): readonly string[];
export function nextThatFits(
  queue: readonly string[],
  durations: Readonly<Record<string, number>>,
  time: { readonly used: number; readonly limit: number },
): string | null;
