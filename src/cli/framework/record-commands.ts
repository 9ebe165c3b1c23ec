import type { Argv } from 'yargs';
import type { CliContext, GlobalOptions, RegisterCommand } from './context.ts';

/** An option or an operand, as it is declared. */
export interface OptionDoc {
  readonly name: string;
  readonly describe: string;
  readonly alias: readonly string[];
  readonly takesValue: boolean;
  /** It has to be given. */
  readonly required: boolean;
}

/** A command as it is declared to yargs, with those below it. */
export interface CommandDoc {
  /** `conflicts show <name>`; '' for the program itself. */
  readonly usage: string;
  readonly describe: string;
  readonly operands: readonly OptionDoc[];
  readonly options: readonly OptionDoc[];
  /** Command lines with what each does; `$0` is the program. */
  readonly examples: readonly (readonly [command: string, does: string])[];
  readonly epilogue: string;
  readonly commands: readonly CommandDoc[];
}

interface Declared {
  readonly describe?: string;
  readonly description?: string;
  readonly alias?: string | readonly string[];
  readonly type?: string;
  readonly demandOption?: boolean | string;
  readonly hidden?: boolean;
}

type Declare = (program: Argv<GlobalOptions>) => unknown;

/** What a program or a command declares; `man`, which the help does not list, only where `hidden` asks for it. Its handlers are never run. */
export function recordProgram(
  declare: Declare,
  { usage = '', describe = '', hidden = false } = {},
): CommandDoc {
  const operands: OptionDoc[] = [];
  const options: OptionDoc[] = [];
  const examples: (readonly [string, string])[] = [];
  const commands: CommandDoc[] = [];
  let epilogue = '';
  const addOption = (name: string, declared: Declared): void => {
    if (declared.hidden !== true) options.push(optionDoc(name, declared));
  };
  const known: Readonly<Record<string, (...words: never[]) => void>> = {
    positional: (name: string, declared: Declared) => void operands.push(optionDoc(name, declared)),
    option: addOption,
    options: (all: Readonly<Record<string, Declared>>) => {
      for (const [name, declared] of Object.entries(all)) addOption(name, declared);
    },
    example: (command: string, does: string) => void examples.push([command, does]),
    epilogue: (text: string) => void (epilogue = text),
    command: (name: string, does: string | false, build?: Declare) => {
      if (does === false && !hidden) return;
      const below = { usage: `${usage} ${name}`.trim(), describe: does === false ? '' : does, hidden };
      commands.push(recordProgram(build ?? (() => undefined), below));
    },
  };
  const recorder: unknown = new Proxy(
    {},
    {
      get:
        (_target, method) =>
        (...words: never[]) => {
          known[String(method)]?.(...words);
          return recorder;
        },
    },
  );
  declare(recorder as Argv<GlobalOptions>);
  return { usage, describe, operands, options, examples, epilogue, commands };
}

/** All commands; what they would work with is not looked at. */
export function declareAll(commands: readonly RegisterCommand[]): Declare {
  const nothing = (): undefined => undefined;
  const none: CliContext = {
    ...{
      signal: new AbortController().signal,
      forOneHome: () => Promise.reject(new Error('no work')),
      print: nothing,
      noteProblem: nothing,
      setExitCode: nothing,
    },
  };
  return (program) => {
    for (const register of commands) register(program, none);
  };
}

function optionDoc(
  name: string,
  { describe, description, alias, type, demandOption = false }: Declared,
): OptionDoc {
  return {
    name,
    describe: describe ?? description ?? '',
    alias: alias === undefined ? [] : [alias].flat(),
    takesValue: type !== 'boolean',
    required: demandOption !== false,
  };
}
