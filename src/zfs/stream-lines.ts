import { outputUnknown } from './parse.ts';

/** The longest path of any system, every byte of it escaped to five, twice. */
const longestLine = 64 * 1024;

/**
 * The lines of an output as they arrive; never more than one of them is held. Throws `zfs-output-unknown` for one
 * that is longer than any path could make it, and for a last one without its newline, which may be cut off.
 */
export async function* linesOfStream(stdout: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of stdout) {
    const lines = (rest + chunk.toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
    if (rest.length > longestLine) throw outputUnknown('a line without an end', rest);
  }
  if (rest !== '') throw outputUnknown('half a line', rest);
}
