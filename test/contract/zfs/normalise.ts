import type { Command, Printed, Step } from './steps.ts';

/** What is compared: lines without what differs from run to run. */
export interface Normal {
  readonly step: string;
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
  readonly exit: number | null;
}

/** Stable words for what differs between pools, in the order in which it appears: equal ones stay equal. */
export class Names {
  readonly #guids = new Map<string, string>();
  readonly #txgs = new Map<string, string>();

  guid(value: string): string {
    return named(this.#guids, value, 'guid');
  }

  txg(value: string): string {
    return named(this.#txgs, value, 'txg');
  }
}

function named(names: Map<string, string>, value: string, word: string): string {
  const known = names.get(value) ?? `${word}${names.size + 1}`;
  names.set(value, known);
  return known;
}

const sizes = new Set(['written', 'used', 'available', 'referenced', 'refer', 'avail']);

function normalValue(names: Names, property: string, value: string): string {
  if (value === '-' || value === '0') return value;
  if (property === 'guid') return names.guid(value);
  if (property === 'createtxg') return names.txg(value);
  if (property === 'creation') return 'DATE';
  if (property === 'receive_resume_token') return 'TOKEN';
  return sizes.has(property) ? 'BYTES' : value;
}

const optionValue = (words: readonly string[], letter: string): string | undefined => {
  const at = words.findIndex((word) => word.startsWith('-') && word.endsWith(letter));
  return at < 0 ? undefined : words[at + 1];
};

/** The properties that a line of `zfs list -H` or `zfs get -H` shows; null: neither. */
function propertiesOf({ words }: Command, fields: readonly string[]): readonly string[] | null {
  if (words[0] === 'list') return optionValue(words, 'o')?.split(',') ?? null;
  if (words[0] !== 'get') return null;
  const shown = optionValue(words, 'o')?.split(',') ?? ['name', 'property', 'value', 'source'];
  const property = shown.includes('property')
    ? fields[shown.indexOf('property')]
    : words.find((word) => known.has(word));
  return shown.map((field) => (field === 'value' ? (property ?? '') : ''));
}

const known = new Set([...sizes, 'guid', 'createtxg', 'creation', 'receive_resume_token']);

function normalLine(names: Names, command: Command, line: string): string {
  const fields = line.split('\t');
  const properties = propertiesOf(command, fields);
  if (properties !== null)
    return fields.map((field, i) => normalValue(names, properties[i] ?? '', field)).join('\t');
  return line
    .replace(/\b1-[0-9a-f]+-[0-9a-f]+-[0-9a-f]+\b/g, 'TOKEN')
    .replace(/guid = (0x[0-9a-f]+)|source (0x[0-9a-f]+)/g, (_all, a?: string, b?: string) =>
      a === undefined
        ? `source ${names.guid(BigInt(b ?? 0).toString())}`
        : `guid = ${names.guid(BigInt(a).toString())}`,
    )
    .replace(/^\t(object|offset|bytes) = 0x[0-9a-f]+$/, '\t$1 = NUMBER')
    .replace(/^((?:full|incremental)\t.*|size)\t\d+$/, '$1\tBYTES')
    .replace(/estimated size is \S+$/, 'estimated size is BYTES')
    .replace(/\w{3} \w{3} [ \d]\d [ \d]\d:\d\d \d{4}/, 'DATE');
}

/** Progress depends on the time a transfer takes, and usage goes on for pages. */
function linesOf(text: string, isUsage: boolean): readonly string[] {
  const lines = text.replace(/\n$/, '').split('\n');
  const told = text === '' ? [] : lines.filter((line) => !/^(\d\d:\d\d:\d\d|TIME)\s/.test(line));
  return isUsage ? told.slice(0, 1) : told;
}

/** zfs tells of held snapshots in any order. */
const isHeld = (line: string): boolean => /^cannot destroy snapshot \S+: it's being held\./.test(line);

function inOrder(lines: readonly string[]): readonly string[] {
  return lines.every(isHeld) ? [...lines].sort() : lines;
}

function normal(names: Names, command: Command, step: string, printed: Printed): Normal {
  const lines = (text: string): readonly string[] =>
    linesOf(text, printed.exit === 2).map((line) => normalLine(names, command, line));
  return { step, stdout: lines(printed.stdout), stderr: inOrder(lines(printed.stderr)), exit: printed.exit };
}

/** What a step printed, ready to be compared. A sender that was cut off ends in one of several ways: it is left out. */
export function normalise(
  names: Names,
  line: string,
  step: Step,
  printed: readonly Printed[],
): readonly Normal[] {
  if (step.kind === 'edit') return [];
  const commands = step.kind === 'zfs' ? [step.command] : [step.send, step.receive];
  return commands.flatMap((command, i) => {
    const of = printed[i];
    if (of === undefined || (step.kind === 'pipe' && i === 0 && step.cut !== null)) return [];
    return [normal(names, command, line, of)];
  });
}
