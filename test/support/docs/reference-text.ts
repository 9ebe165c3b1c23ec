import { commands } from '../../../src/cli/commands.ts';
import { declareGlobals } from '../../../src/cli/framework/program.ts';
import {
  declareAll,
  recordProgram,
  type CommandDoc,
  type OptionDoc,
} from '../../../src/cli/framework/record-commands.ts';
import { defaultsFor } from '../../../src/config/defaults.ts';
import { isSection, settings, type Leaf, type Node } from '../../../src/config/leaves.ts';
import { listExitCodes } from '../../../src/errors/exit-codes.ts';
import { explanations } from '../../../src/errors/explanations.ts';
import { prometheusText, type Measured } from '../../../src/homes/status/prometheus.ts';

/** A table of Markdown. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const leavesOf = ({ commands: below }: CommandDoc): readonly CommandDoc[] =>
  below.flatMap((command) => (command.commands.length === 0 ? [command] : leavesOf(command)));
const program = recordProgram(declareAll(commands));

/** The commands that can be run, in the order of the help. */
export const allCommands = leavesOf(program);

/** A command's name without its operands: `conflicts show`. */
export const nameOf = ({ usage }: CommandDoc): string => usage.replace(/ [<[].*$/, '');

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
const shownOption = ({ name, alias, takesValue }: OptionDoc): string =>
  [...alias, name]
    .map((one) => `\`${one.length === 1 ? '-' : '--'}${one}${takesValue ? ' …' : ''}\``)
    .join(', ');
const optionRows = (options: readonly OptionDoc[]): readonly (readonly string[])[] =>
  options.map((option) => [shownOption(option), option.describe]);
const code = (text: string): string => `\`\`\`\n${text}\n\`\`\``;

/** Every command, with what it takes, as its help has it. */
export function commandPages(): string {
  return allCommands
    .map((command) => {
      const { usage, describe, operands, options, examples, epilogue } = command;
      const taken = [
        ...operands.map(({ name, describe: does }) => [`\`${name}\``, does]),
        ...optionRows(options),
      ];
      const shown = examples.map(([line, does]) => `# ${does}\n${line.replace('$0', 'roamhome')}`);
      return [
        `## roamhome ${nameOf(command)}`,
        sentence(describe),
        code(`roamhome ${usage}`),
        ...(taken.length === 0 ? [] : [table(['operand or option', 'what it is'], taken)]),
        ...(epilogue === '' ? [] : [epilogue]),
        ...(shown.length === 0 ? [] : [code(shown.join('\n\n'))]),
      ].join('\n\n');
    })
    .join('\n\n');
}

/** Each command with its link. */
export function commandIndex(): string {
  return table(
    ['command', 'what it does'],
    allCommands.map((command) => [
      `[\`${nameOf(command)}\`](#roamhome-${nameOf(command).replaceAll(' ', '-')})`,
      command.describe,
    ]),
  );
}

/** What every command takes. */
export function globalOptions(): string {
  const { options } = recordProgram((recorder) => declareGlobals(recorder));
  return table(['option', 'what it is'], optionRows(options));
}

// A host name that nobody takes for a default.
const defaults = {
  linux: defaultsFor('linux', 'HOST') as unknown,
  macos: defaultsFor('macos', 'HOST') as unknown,
};

function defaultAt(values: unknown, key: string): string {
  let value = values;
  for (const part of key.split('.')) value = (value as Readonly<Record<string, unknown>>)[part];
  if (value === undefined) return 'none';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function defaultOf(key: string): string {
  const [linux, macos] = [defaultAt(defaults.linux, key), defaultAt(defaults.macos, key)];
  if (key === 'local.macName') return 'the short host name';
  return linux === macos ? linux : `macOS: ${macos}; Linux: ${linux}`;
}

/** Every setting, with what it does, its values, its default and who reads it. */
export function settingPages(): string {
  const page = (key: string, { does, allowed, readBy }: Leaf): string =>
    [`### ${key}`, does, table(['values', 'default', 'read by'], [[allowed, defaultOf(key), readBy]])].join(
      '\n\n',
    );
  const pages = (nodes: ReadonlyMap<string, Node>, prefix: string): readonly string[] =>
    [...nodes].flatMap(([key, node]) =>
      isSection(node) ? [`## ${key}`, ...pages(node, `${prefix}${key}.`)] : [page(`${prefix}${key}`, node)],
    );
  const isPlain = ([, node]: readonly [string, Node]): boolean => !isSection(node);
  const own = new Map([...settings].filter(isPlain));
  const groups = new Map([...settings].filter((entry) => !isPlain(entry)));
  return [...pages(groups, ''), '## Without a group', ...pages(own, '')].join('\n\n');
}

const codeLink = (name: string): string => `[\`${name}\`](errors.md#${name})`;

/** The exit codes, with the errors that end with each. */
export function exitCodeTable(): string {
  return table(
    ['exit code', 'meaning', 'error codes'],
    listExitCodes().map(({ exitCode, meaning, errors }) => [
      String(exitCode),
      meaning,
      errors.map(codeLink).join(', '),
    ]),
  );
}

const exitOf = (name: string): string =>
  String(listExitCodes().find(({ errors }) => errors.includes(name))?.exitCode);

/** Every error with its anchor. */
export function errorPages(): string {
  return Object.entries(explanations)
    .map(([name, { means, remedy }]) => `## ${name}\n\n${means}\n\n${remedy}\n\nExit code: ${exitOf(name)}`)
    .join('\n\n');
}

/** Every error in a line, with the link to its page. */
export function errorIndex(): string {
  return table(
    ['error code', 'meaning'],
    Object.entries(explanations).map(([name, { means }]) => [
      `[\`${name}\`](reference/errors.md#${name})`,
      means.replace(/(?<=\.) .*$/, ''),
    ]),
  );
}

const shownVersion = { name: 'roamhome-20261120T064500.123Z-mac7', at: 0, macName: 'mac7' };
const side = {
  dataset: 'data/profiles/alice' as Measured['homes'][number]['user'] as never,
  head: shownVersion,
  snapshots: 1,
  usedBytes: 1,
  mounted: true,
  writtenBytes: 0,
  interrupted: false,
};
/** A status of which every metric has something to say. */
const measured: Measured = {
  homes: [
    {
      ...{ user: 'USER', state: 'in-sync', lastSync: shownVersion, local: side, server: side },
      ...{ unsent: 0, unsentSince: null, pendingSince: 0, lacks: null, unprovenBytes: 0 },
      ...{ doubled: [], offThere: [], conflicts: [], unsentConflicts: [], waiting: [] },
      session: { kind: 'known', macName: 'MAC', since: new Date(0) } as NonNullable<
        Measured['homes'][number]['session']
      >,
      arrived: shownVersion,
    },
  ],
  macs: [{ macName: 'MAC', lastSeen: 0, user: 'USER' }],
  level: 'ok',
  serverReachable: true,
  now: 0,
};

/** Each metric's name, its labels and what it tells. */
export const metrics = [
  ...prometheusText(measured).matchAll(/# HELP (\w+) (.*)\n# TYPE \1 gauge\n\1(?:\{(.*)\})? /g),
].map(([, name = '', help = '', labels = '']) => ({
  name,
  help,
  labels: [...labels.matchAll(/(\w+)=/g)].map(([, label = '']) => label),
}));

/** The metrics as a table. */
export function metricTable(): string {
  return table(
    ['metric', 'labels', 'what it tells'],
    metrics.map(({ name, help, labels }) => [
      `\`${name}\``,
      labels.map((label) => `\`${label}\``).join(', '),
      help,
    ]),
  );
}
