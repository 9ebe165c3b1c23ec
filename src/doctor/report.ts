import { levels, worstFirst, worstOf, type Level } from '../format/level.ts';
import type { Checked, Remedy } from './finding.ts';

/** The exit code. Pure. */
export function exitCodeOfChecks(checks: readonly Checked[]): number {
  return levels[levelOf(checks)];
}

function levelOf(checks: readonly Checked[]): Level {
  return worstOf(checks.map(({ level }) => level));
}

/** The first line of a plugin of Nagios (Monitoring Plugins Development Guidelines, 2), with the counts as performance data. Pure. */
export function summariseChecks(checks: readonly Checked[]): string {
  const level = levelOf(checks);
  const count = (one: Level): number => checks.filter((check) => check.level === one).length;
  const named = worstFirst
    .slice(0, -1)
    .flatMap((one) => checks.filter((check) => check.level === one).map(({ name }) => name));
  const what = named.length === 0 ? `all ${checks.length} checks are ok` : named.join(', ');
  const numbers = worstFirst.map((one) => `${one}=${count(one)}`).join(' ');
  return `ROAMHOME ${level.toUpperCase()} - ${what} | ${numbers}`;
}

/** A line a finding, and one for what to do about it. Pure. */
export function describeChecks(checks: readonly Checked[]): readonly string[] {
  const width = Math.max(...checks.map(({ name }) => name.length));
  return checks.flatMap(({ name, findings }) =>
    findings.flatMap(({ level, what, remedy }) => [
      `${level.padEnd(8)}  ${name.padEnd(width)}  ${oneLine(what)}`,
      ...(remedy === null
        ? []
        : [`${' '.repeat(12 + width)}what to do${place(remedy)}: ${remedyLine(remedy)}`]),
    ]),
  );
}

function place({ where, commands }: Remedy): string {
  if (where === 'server') return ', on the server';
  return commands.length === 0 ? '' : ', as root';
}

/** A bar begins performance data, on later lines too; what zpool or a server says may hold anything. */
function plainText(text: string): string {
  return text.replaceAll(/[\p{Cc}\s]+/gu, ' ').replaceAll('|', '¦');
}

function oneLine(text: string): string {
  return plainText(text).trim();
}

/** Free text in one line; each command as it is to be typed, byte for byte. No command of ours has a bar. */
function remedyLine({ text, commands }: Remedy): string {
  const literal = commands.map((command) => command.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`));
  const command = new RegExp(`(${[...literal, '`[^`]*`'].join('|')})`);
  return text
    .split(command)
    .map((part, index) => (index % 2 === 1 ? part : plainText(part)))
    .join('')
    .trim();
}

/** The same for programs. Pure. */
export function checksToJson(checks: readonly Checked[]) {
  return { level: levelOf(checks), checks };
}
