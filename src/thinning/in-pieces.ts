/** Linux takes no longer word than 128 KiB (MAX_ARG_STRLEN), macOS no more than 256 KiB in all. */
const longestWords = 64 * 1024;

/** Names in as few pieces as may stand in one command, joined by one character each. In order. Pure. */
export function inPieces<T extends string>(names: readonly T[]): readonly (readonly T[])[] {
  const pieces: T[][] = [];
  let room = 0;
  for (const name of names) {
    const length = Buffer.byteLength(name) + 1;
    if (length > room || pieces.length === 0) {
      pieces.push([]);
      room = longestWords;
    }
    pieces.at(-1)?.push(name);
    room -= length;
  }
  return pieces;
}
