import yargs, { type Argv } from 'yargs';
import type { CliContext, GlobalOptions, RegisterCommand } from './context.ts';
import { isHelpAsked, plainWords } from './meant-command.ts';
import { NotUnderstood } from './not-understood.ts';
import type { CommandDoc } from './record-commands.ts';
import { commonOptions, tidyHelp } from './tidy-help.ts';
import { version } from './version.ts';

// 80 columns, also where the terminal is wider: the help is read in manuals and tickets too.
const width = 80;

/** How a shell asks what could follow. */
const completions = '--get-yargs-completions';

/**
 * Takes `--` out: what follows it are operands. yargs does not give operands behind `--` to a command. One that looks
 * like an option would then be taken for one; no user, group or dataset of ours may be named so.
 */
export function joinOperands(args: readonly string[]): readonly string[] {
  // What a shell asks for completions is a command line that is still being typed.
  const at = args[0] === completions ? -1 : args.indexOf('--');
  if (at < 0) return args;
  const operands = args.slice(at + 1);
  const wrong = operands.find((operand) => operand === '' || operand.startsWith('-'));
  if (wrong !== undefined)
    throw new NotUnderstood(`${JSON.stringify(wrong)} is not a name that Roamhome takes`);
  return [...args.slice(0, at), ...operands];
}

/** yargs has these, its types do not: the options known where the parser stands. */
interface ParserState {
  getOptions(): { key: Record<string, unknown> };
  getInternalMethods(): {
    getUsageInstance(): { cacheHelpMessage: () => void };
  };
}

const once =
  (name: string) =>
  (value: string | readonly string[] | undefined): string | undefined => {
    if (typeof value === 'object') throw new NotUnderstood(`--${name} is given more than once`);
    return value;
  };

/** What every command takes, and what is said of all of them. */
export function declareGlobals(program: Argv): Argv<GlobalOptions> {
  return program
    .option('config', {
      type: 'string',
      requiresArg: true,
      describe: 'Read the settings of this file instead of the machine’s own',
      coerce: once('config'),
    })
    .option('set', {
      type: 'string',
      array: true,
      nargs: 1,
      default: [] as string[],
      defaultDescription: 'none',
      describe: 'Override a setting: key=value (repeatable)',
    })
    .option('verbose', { alias: 'v', type: 'boolean', default: false, describe: 'Show every command' })
    .example('$0 config show', 'The settings in effect, and where they come from')
    .epilogue(
      'Exit codes: 0 done, 10 a conflict, 64 and more a failure; `man roamhome` and docs/reference/exit-codes.md list them. `roamhome config show` lists the settings.',
    );
}

function createParser(): Argv<GlobalOptions> {
  const program = yargs()
    .scriptName('roamhome')
    .usage('$0 <command>\n\nHome directories that follow their users from Mac to Mac, on ZFS.')
    .locale('en')
    .parserConfiguration({
      // A user may be named 007.
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'dot-notation': false,
      'boolean-negation': false,
    });
  return declareGlobals(program)
    .help()
    .alias('help', 'h')
    .version(version)
    .alias('version', 'V')
    .strict()
    .exitProcess(false)
    .group(['config', 'set', 'verbose', 'help', 'version'], commonOptions)
    .wrap(width);
}

/** Runs the command that the arguments ask for. Throws `usage`, and what the command throws. */
export async function runProgram(
  given: readonly string[],
  context: CliContext,
  commands: readonly RegisterCommand[],
): Promise<void> {
  const args = plainWords(given);
  if (args[0] !== completions && isHelpAsked(args)) {
    const { unknownHelp } = await import('./explain-usage.ts');
    const error = unknownHelp(await recordAll(commands), args);
    if (error !== null) throw error;
  }
  try {
    await parseAndRun(args, context, commands);
  } catch (error) {
    if (!(error instanceof NotUnderstood)) throw error;
    const { explainUsage } = await import('./explain-usage.ts');
    throw explainUsage(await recordAll(commands), args, error);
  }
}

/** All that the commands declare, hidden ones too. */
async function recordAll(commands: readonly RegisterCommand[]): Promise<CommandDoc> {
  const { declareAll, recordProgram } = await import('./record-commands.ts');
  return recordProgram(
    (recorder) => {
      declareGlobals(recorder);
      declareAll(commands)(recorder);
    },
    { hidden: true },
  );
}

/** Throws `NotUnderstood`, and what the command throws. */
async function parseAndRun(
  args: readonly string[],
  context: CliContext,
  commands: readonly RegisterCommand[],
): Promise<void> {
  const parser = createParser();
  const state = parser as unknown as ParserState;
  // After every command yargs lays its help out, to have it at hand; nobody asks for it then, and it takes longer than
  // all the rest of yargs.
  state.getInternalMethods().getUsageInstance().cacheHelpMessage = () => undefined;
  parser.fail((message: string | null, error: Error | undefined) => {
    // Errors of handlers come by here too, without a message; those of yargs are named YError.
    if (error !== undefined && error.name !== 'YError') throw error;
    throw new NotUnderstood(
      message ?? error?.message ?? 'the command line is not understood',
      Object.keys(state.getOptions().key),
    );
  });
  // Before any command does anything: what belongs on the other side is refused, here for all of them.
  parser.middleware(async (given) => {
    const { demandSide } = await import('./demand-side.ts');
    await demandSide(given._, given);
  });
  for (const register of commands) register(parser, context);
  // With a callback yargs hands over help and version instead of printing them itself.
  let output = '';
  const parsed = await parser.parseAsync([...joinOperands(args)], {}, (_error, _argv, text) => {
    output = text;
  });
  if (output !== '') context.print(tidyHelp(output));
  else if (parsed._.length === 0) throw new NotUnderstood('no command is given');
}
