/** The number of single-character insertions, deletions and replacements that turn `a` into `b`. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The candidate most like `word` (case aside), or null when none is near enough to be what was meant. */
export function suggest(word: string, candidates: Iterable<string>): string | null {
  // Longer words would only cost time: the work is the product of the lengths.
  if (word.length > 64) return null;
  let best: string | null = null;
  let least = Infinity;
  for (const candidate of candidates) {
    const apart = distance(word.toLowerCase(), candidate.toLowerCase());
    if (apart < least) [best, least] = [candidate, apart];
  }
  return best !== null && least <= Math.max(2, Math.floor(best.length / 3)) && least < best.length
    ? best
    : null;
}
