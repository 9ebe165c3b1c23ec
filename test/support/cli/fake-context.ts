import type { CliContext } from '../../../src/cli/framework/context.ts';
import { createOutput } from '../../../src/cli/framework/output.ts';

/** What a command gets from the process, and what it made of it. */
export interface FakeContext {
  readonly context: CliContext;
  /** Standard output; its JSON document is written by now. */
  readonly printed: () => string;
  readonly exitCode: () => number;
}

export function fakeContext(): FakeContext {
  let [text, exitCode] = ['', 0];
  const output = createOutput((more) => void (text += more));
  const { signal } = new AbortController();
  return {
    context: {
      forOneHome: (work) => work({ signal, hasYielded: () => false }),
      ...{ signal, print: output.print, noteProblem: output.noteProblem },
      setExitCode: (code) => void (exitCode = code),
    },
    printed: () => {
      output.end(exitCode);
      return text.replace(/\n$/, '');
    },
    exitCode: () => exitCode,
  };
}
