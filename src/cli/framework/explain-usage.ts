import { suggest } from '../../config/suggest.ts';
import { RoamhomeError } from '../../errors/errors.ts';
import { isHelpAsked, meantCommand, type Meant } from './meant-command.ts';
import type { NotUnderstood } from './not-understood.ts';
import type { CommandDoc } from './record-commands.ts';

/** Help that is asked of a command that does not exist, which yargs answers with the help of all of them; null: none is. */
export function unknownHelp(program: CommandDoc, args: readonly string[]): RoamhomeError | null {
  const meant = meantCommand(program, args);
  return isHelpAsked(args) && meant.unknown !== null ? unknownCommand(meant, meant.unknown) : null;
}

/** What yargs found wrong, in our words, with the command that was probably meant. */
export function explainUsage(
  program: CommandDoc,
  args: readonly string[],
  { message, options }: NotUnderstood,
): RoamhomeError {
  const meant = meantCommand(program, args);
  if (meant.unknown !== null) return unknownCommand(meant, meant.unknown);
  const say = (text: string, near = ''): RoamhomeError => usageError(text, `${near}${seeHelp(meant)}`);
  if (message.startsWith('Not enough non-option arguments')) {
    const needed = [...meant.command.usage.matchAll(/<[^>]+>/g)].map(([operand]) => operand);
    const missing = needed.slice(meant.operands.length);
    return say(`${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing`);
  }
  const [, missing, why = ''] = /^Missing required arguments?: ([^,\n]+)[^\n]*(\n.*)?$/s.exec(message) ?? [];
  if (missing !== undefined)
    return say(`the option --${missing} is missing${why.replace(/\s*\n\s*/g, ': ')}`);
  const unknown = /^Unknown (?:argument|command)s?: (.*)$/.exec(message)?.[1]?.split(', ')[0];
  if (unknown === undefined) return say(message.replace(/\s*\n\s*/g, ': '));
  const isOption = args.some((arg) => arg.startsWith('-') && arg.replace(/^--?|=.*$/gs, '') === unknown);
  if (!isOption) return say(`unknown argument: ${unknown}`);
  const near = suggest(
    unknown,
    options.filter((name) => name.length > 1),
  );
  const shown = `${unknown.length === 1 ? '-' : '--'}${unknown}`;
  return say(`unknown option: ${shown}`, near === null ? '' : `Did you mean --${near}? `);
}

function unknownCommand({ words }: Meant, { word, near }: NonNullable<Meant['unknown']>): RoamhomeError {
  const group = `roamhome ${words}`.trim();
  return usageError(
    `unknown command: ${word}`,
    `${near === null ? '' : `Did you mean \`${group} ${near}\`? `}Run \`${group} --help\` to list the commands.`,
  );
}

/** The usage line of the command that was meant, and its own help. */
function seeHelp({ command, words }: Meant): string {
  const help = `Run \`roamhome${words === '' ? '' : ` ${words}`} --help\`.`;
  if (command.commands.length > 0) return help;
  const required = command.options
    .filter((option) => option.required)
    .map(({ name, takesValue }) => (takesValue ? ` --${name} <${name}>` : ` --${name}`));
  return `${help} Usage: roamhome ${command.usage}${required.join('')}`;
}

function usageError(message: string, remedy: string): RoamhomeError {
  return new RoamhomeError({ code: 'usage', message, remedy });
}
