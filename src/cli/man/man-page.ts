import { configFiles } from '../../config/load.ts';
import { listExitCodes } from '../../errors/exit-codes.ts';
import type { CommandDoc, OptionDoc } from '../framework/record-commands.ts';

/** The manual page roamhome(8) in man(7)'s macros, of what the commands declare for --help. Pure. */
export function manPage(program: CommandDoc, version: string, date: string): string {
  return [
    `.TH ROAMHOME 8 "${date}" "roamhome ${text(version)}" "System Administration"`,
    '.SH NAME',
    'roamhome \\- home directories that follow their users from Mac to Mac, on ZFS',
    '.SH SYNOPSIS',
    '.B roamhome',
    '.I command',
    '[options]',
    '.SH DESCRIPTION',
    'A user\\(aqs home is a ZFS dataset. Logging out snapshots it and sends what changed to a server; logging in, on any Mac,',
    'brings what that Mac lacks, before the session starts.',
    ...(program.options.length === 0
      ? []
      : ['.PP', 'Every command takes these options:', ...program.options.flatMap(optionText)]),
    '.SH COMMANDS',
    ...leaves(program).flatMap(commandText),
    '.SH EXIT STATUS',
    ...listExitCodes().flatMap(({ exitCode, meaning }) => ['.TP', `.B ${exitCode}`, text(meaning)]),
    ...(program.epilogue === '' ? [] : ['.PP', text(program.epilogue)]),
    '.SH FILES',
    ...settingsFiles().flatMap((path) => ['.TP', `.I ${text(path)}`, 'The settings of this machine.']),
    '.PP',
    'The settings local.stateDir, local.spoolDir, progress.statusDir and log.file name the directories and files that Roamhome writes.',
    '.SH CONFIGURATION',
    '.B roamhome config show',
    'lists every setting, its value, and the file that it comes from.',
    '.B \\-\\-set',
    'overrides a setting for one command. The file holds the same names as an object in JSON; on a Mac, as a property list.',
    '.SH SEE ALSO',
    '.BR zfs (8),',
    '.BR ssh (1)',
    '',
  ].join('\n');
}

/** The commands that can be run: those below a command stand for it. */
function leaves({ commands }: CommandDoc): readonly CommandDoc[] {
  return commands.flatMap((command) => (command.commands.length === 0 ? [command] : leaves(command)));
}

function commandText({
  usage,
  describe,
  operands,
  options,
  examples,
  epilogue,
}: CommandDoc): readonly string[] {
  return [
    `.SS "roamhome ${quoted(usage)}"`,
    `${text(describe)}.`,
    ...operands.flatMap(operandText),
    ...options.flatMap(optionText),
    ...(epilogue === '' ? [] : ['.PP', text(epilogue)]),
    ...examples.flatMap(([command, does]) => [
      '.PP',
      `${text(does)}:`,
      '.RS 4',
      '.nf',
      text(command.replace('$0', 'roamhome')),
      '.fi',
      '.RE',
    ]),
  ];
}

/** Of both systems: the page is made once for all. */
function settingsFiles(): readonly string[] {
  return (['linux', 'macos'] as const).flatMap((kind) =>
    configFiles({ kind, file: undefined }).map(({ path }) => path),
  );
}

function operandText({ name, describe }: OptionDoc): readonly string[] {
  return ['.TP', `.I ${text(name)}`, text(describe)];
}

function optionText({ name, describe, alias, takesValue }: OptionDoc): readonly string[] {
  const names = [name, ...alias].map((one) => `${one.length === 1 ? '-' : '--'}${one}`);
  const shown = names.map((one) => `\\fB${text(one)}\\fR`).join(', ');
  return ['.TP', takesValue ? `${shown} \\fI${text(name)}\\fR` : shown, text(describe)];
}

/** As it is: roff takes a backslash, a leading dot or quote, and a plain hyphen for its own. */
function text(words: string): string {
  const escaped = words
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll(/\s*\n\s*/g, ' ');
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}

function quoted(words: string): string {
  return text(words).replaceAll('"', '""');
}
