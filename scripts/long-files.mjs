// Which of the lab's long files a run with a limit of time starts, and when. Pure: scripts/test.mjs runs them.

/** A file that takes at least so long, by its recorded time, is a long one: seconds. */
export const longSeconds = 150;

/** In a file's name order, begun at a place that the commit's hash (hex) gives: so that each file is first now and then. */
export function inTurn(files, hash) {
  if (files.length === 0) return [];
  const sorted = [...files].sort();
  const start = parseInt(hash.slice(0, 8), 16) % sorted.length;
  if (Number.isNaN(start)) throw new Error(`not a commit's hash: ${JSON.stringify(hash)}`);
  return [...sorted.slice(start), ...sorted.slice(0, start)];
}

/** The first of `queue` that ends within the limit even if it takes twice its recorded time; null: none does. Times in seconds. */
export function nextThatFits(queue, durations, { used, limit }) {
  return queue.find((file) => used + 2 * durationOf(file, durations) < limit) ?? null;
}

function durationOf(file, durations) {
  const seconds = durations[file];
  if (seconds === undefined) throw new Error(`no recorded time of ${file}`);
  return seconds;
}
