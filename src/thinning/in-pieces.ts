/** Linux takes no longer word than 128 KiB (MAX_ARG_STRLEN), macOS no more than 256 KiB in all. */
const longestWords = 64 * 1024;

/** Names in as few pieces as may stand in one command, joined by one character each. In order. Pure. */
export function inPieces<T extends string>(names: readonly T[]): readonly (readonly [T, ...T[]])[] {
  return inPiecesOf(names, (name) => [name]);
}

/** The same of things that are more than one word each in a command. */
export function inPiecesOf<T>(
  things: readonly T[],
  wordsOf: (thing: T) => readonly string[],
): readonly (readonly [T, ...T[]])[] {
  const pieces: [T, ...T[]][] = [];
  let room = 0;
  for (const thing of things) {
    const length = wordsOf(thing).reduce((sum, word) => sum + Buffer.byteLength(word) + 1, 0);
    const piece = pieces.at(-1);
    if (piece === undefined || length > room) {
      pieces.push([thing]);
      room = longestWords;
    } else piece.push(thing);
    room -= length;
  }
  return pieces;
}
