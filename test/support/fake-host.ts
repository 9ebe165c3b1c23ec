import type { Argv, CommandResult, Host, RunOptions } from '../../src/host/host.ts';

/** What a faked command answers; what is left out is empty, and the exit code 0. */
export type Answer =
  Partial<CommandResult> | Error | ((argv: Argv, options?: RunOptions) => Partial<CommandResult>);

export interface FakeHost extends Host {
  /** Every command that was run, words joined by spaces. */
  readonly ran: string[];
}

/** A whole result from what a test cares about. */
export function result(answer: Partial<CommandResult>): CommandResult {
  return { stdout: '', stderr: '', exitCode: 0, signal: null, ...answer };
}

/** A host whose commands, words joined by spaces, have prepared answers. Any other command fails the test. */
export function fakeHost(answers: Readonly<Record<string, Answer>>): FakeHost {
  const ran: string[] = [];
  return {
    name: 'this Mac',
    ran,
    run(argv, options) {
      const line = argv.join(' ');
      ran.push(line);
      const answer = answers[line];
      if (answer === undefined) return Promise.reject(new Error(`no answer is prepared for: ${line}`));
      if (answer instanceof Error) return Promise.reject(answer);
      return Promise.resolve(result(typeof answer === 'function' ? answer(argv, options) : answer));
    },
    stream: () => Promise.reject(new Error('the fake host streams nothing')),
    close: () => Promise.resolve(),
  };
}
