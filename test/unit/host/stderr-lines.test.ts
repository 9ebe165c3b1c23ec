import { expect, test } from 'vitest';
import { StderrLines } from '../../../src/host/stderr-lines.ts';

/** Pushes the bytes of each chunk, and returns the lines and the whole text. */
function read(chunks: readonly (string | Buffer)[]): { lines: string[]; text: string } {
  const stderr = new StderrLines();
  const lines: string[] = [];
  stderr.onLine((line) => lines.push(line));
  for (const chunk of chunks) stderr.push(Buffer.from(chunk));
  stderr.end();
  return { lines, text: stderr.text() };
}

const oUmlaut = Buffer.from('ö');

test.each<[string, (string | Buffer)[], string[]]>([
  ['nothing', [], []],
  ['a line', ['one\n'], ['one']],
  ['a line in pieces', ['o', 'n', 'e\ntw', 'o\n'], ['one', 'two']],
  ['no newline at the end', ['one\ntwo'], ['one', 'two']],
  ['empty lines', ['\n\none\n'], ['', '', 'one']],
  ['other blanks stay', ['one\t \n'], ['one\t ']],
  ['a letter cut in two', [oUmlaut.subarray(0, 1), oUmlaut.subarray(1), '\n'], ['ö']],
])('%s', (_name, chunks, lines) => {
  expect(read(chunks)).toEqual({
    lines,
    text: Buffer.concat(chunks.map((chunk) => Buffer.from(chunk))).toString(),
  });
});

test('a listener that comes late gets the lines from before', () => {
  const stderr = new StderrLines();
  stderr.push(Buffer.from('one\ntw'));
  const lines: string[] = [];
  stderr.onLine((line) => lines.push(line));
  expect(lines).toEqual(['one']);
  stderr.push(Buffer.from('o\n'));
  expect(lines).toEqual(['one', 'two']);
});
