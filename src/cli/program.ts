import yargs, { type Argv } from 'yargs';
import { suggest } from '../config/suggest.ts';
import { RoamhomeError } from '../errors/errors.ts';
import type { CliContext, GlobalOptions, RegisterCommand } from './context.ts';
import { version } from './version.ts';

// 80 columns, also where the terminal is wider: the help is read in manuals and tickets too.
const width = 80;

function usageError(message: string, remedy = 'See `roamhome --help`.'): RoamhomeError {
  return new RoamhomeError({ code: 'usage', message, remedy });
}

/**
 * Takes `--` out: what follows it are operands. yargs does not give operands behind `--` to a command. One that looks
 * like an option would then be taken for one; no user, group or dataset of ours may be named so.
 */
export function joinOperands(args: readonly string[]): readonly string[] {
  // What a shell asks for completions is a command line that is still being typed.
  const at = args[0] === '--get-yargs-completions' ? -1 : args.indexOf('--');
  if (at < 0) return args;
  const operands = args.slice(at + 1);
  const wrong = operands.find((operand) => operand === '' || operand.startsWith('-'));
  if (wrong !== undefined) throw usageError(`${JSON.stringify(wrong)} is not a name that Roamhome takes`);
  return [...args.slice(0, at), ...operands];
}

/** What yargs found wrong, in our words, with what was probably meant. */
function explain(message: string, args: readonly string[], known: { options: string[]; commands: string[] }) {
  if (message.startsWith('Not enough non-option arguments')) {
    return usageError('a name is missing', `See \`roamhome ${args[0] ?? ''} --help\`.`);
  }
  const missing = /^Missing required arguments?: (\S+?)(?:,|$)/.exec(message)?.[1];
  if (missing !== undefined)
    return usageError(`the option --${missing} is missing`, `See \`roamhome ${args[0] ?? ''} --help\`.`);
  const unknown = /^Unknown (?:argument|command)s?: (.*)$/.exec(message)?.[1]?.split(', ')[0];
  if (unknown === undefined) return usageError(message.replace(/\s*\n\s*/g, ': '));
  const isOption = args.some(
    (arg) => /^--?/.exec(arg) !== null && arg.replace(/^--?|=.*$/gs, '') === unknown,
  );
  const shown = isOption ? `${unknown.length === 1 ? '-' : '--'}${unknown}` : unknown;
  const near = suggest(unknown, isOption ? known.options.filter((name) => name.length > 1) : known.commands);
  const what = isOption ? 'option' : known.commands.length > 0 ? 'command' : 'argument';
  return usageError(
    `unknown ${what}: ${shown}`,
    near === null ? undefined : `Did you mean ${isOption ? '--' : ''}${near}? See \`roamhome --help\`.`,
  );
}

/** yargs has these, its types do not: the options and commands known where the parser stands. */
interface ParserState {
  getOptions(): { key: Record<string, unknown> };
  getInternalMethods(): {
    getCommandInstance(): { getCommands(): string[] };
    getUsageInstance(): { cacheHelpMessage: () => void };
  };
}

const once =
  (name: string) =>
  (value: string | readonly string[] | undefined): string | undefined => {
    if (typeof value === 'object') throw usageError(`--${name} is given more than once`);
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
    .option('verbose', { alias: 'v', type: 'boolean', default: false, describe: 'Say all that is done' })
    .example('$0 config show', 'The settings in effect, and where they come from')
    .epilogue(
      'Exit codes: 0 done, 10 a conflict, 64 and more a failure; `man roamhome` and docs/scripting.md list them. `roamhome config show` lists the settings.',
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
    .wrap(width);
}

/** Runs the command that the arguments ask for. Throws `usage`, and what the command throws. */
export async function runProgram(
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
    throw explain(message ?? error?.message ?? 'the command line is not understood', args, {
      options: Object.keys(state.getOptions().key),
      commands: state.getInternalMethods().getCommandInstance().getCommands(),
    });
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
  if (output !== '') context.print(output);
  else if (parsed._.length === 0) throw usageError('no command is given');
}
