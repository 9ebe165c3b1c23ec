import { wrapLine } from '../format/wrap.ts';

const columns = 80;

/** A line in pieces of at most 80 columns, unless a word is longer; what follows the first piece is indented by two more. */
export function wrap(line: string): string {
  return wrapLine(line, columns, (/^ */.exec(line)?.[0].length ?? 0) + 2);
}

/** Who tells the story. */
export interface Narrator {
  /** A paragraph of the story itself. */
  tell(text: string): void;
  /** A command, with who gives it: `mac-a`, or `mac-a, alice`. */
  command(who: string, line: string): void;
  /** What a command printed. */
  output(text: string): void;
}

/** Tells it in lines of 80 columns; `emphasis`: the story in bold. */
export function createNarrator(write: (text: string) => void, emphasis: boolean): Narrator {
  const [bold, plain] = emphasis ? ['\u001b[1m', '\u001b[0m'] : ['', ''];
  return {
    tell: (text) => {
      const lines = text.split('\n').map((line) => wrap(line).replaceAll('\n  ', '\n'));
      write(`\n${bold}${lines.join('\n')}${plain}\n`);
    },
    command: (who, line) => {
      write(`${wrap(`  ${who}$ ${line}`)}\n`);
    },
    output: (text) => {
      if (text.trim() === '') return;
      for (const line of text.trimEnd().split('\n')) write(`${wrap(`    ${line}`)}\n`);
    },
  };
}
