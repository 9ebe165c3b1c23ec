import type { CliContext, JsonDocument } from './context.ts';
import { jsonText, problemInJson } from './json.ts';

/** Raised when a field goes, or comes to mean something else; a new field raises nothing. */
const version = 1;

/** Standard output of one run: text as it comes, and at the end at most one JSON document. */
export interface Output extends Pick<CliContext, 'print' | 'noteProblem'> {
  /** What ended the command: the document has it as `error`, whatever else is in it. */
  readonly fail: (error: unknown) => void;
  /** Writes the document, if there is one. */
  readonly end: (exitCode: number) => void;
}

export function createOutput(write = (text: string) => void process.stdout.write(text)): Output {
  let document: JsonDocument | null = null;
  const problems: Error[] = [];
  return {
    print: (what) => {
      if (typeof what === 'string') write(`${what}\n`);
      else document = { ...document, ...what };
    },
    noteProblem: (error) => void problems.push(error),
    fail: (error) => {
      document = { ...document, error: problemInJson(error) };
    },
    end: (exitCode) => {
      if (document === null) return;
      const noted = problems.length === 0 ? {} : { problems };
      write(`${jsonText({ roamhome: version, ok: exitCode === 0, exitCode, ...noted, ...document })}\n`);
    },
  };
}

/** Whether these arguments ask for JSON; they may be a command line that is not understood. */
export function isJsonAsked(args: readonly string[]): boolean {
  const operandsAt = args.indexOf('--');
  const options = operandsAt < 0 ? args : args.slice(0, operandsAt);
  return options.some((arg) => arg === '--json' || arg === '--json=true');
}
