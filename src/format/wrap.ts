/** Lines of at most so many characters, broken at blanks; all but the first begin with the indent. A longer word stays whole. Pure. */
export function wrapLine(line: string, columns: number, indent: number): string {
  const [first = '', ...words] = line.trimEnd().split(/(?<=\S) (?=\S)/);
  const lines = [first];
  for (const word of words) {
    const now = lines.at(-1) ?? '';
    if (now.length + 1 + word.length <= columns) lines[lines.length - 1] = `${now} ${word}`;
    else lines.push(`${' '.repeat(indent)}${word}`);
  }
  return lines.join('\n');
}
