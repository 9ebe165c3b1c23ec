import { worst, type Checked, type Remedy, type Status } from './finding.ts';

/** Of a plugin of Nagios (Monitoring Plugins Development Guidelines, 2.3). */
const codes: Readonly<Record<Status, number>> = { ok: 0, warning: 1, wrong: 2, unknown: 3 };
const words: Readonly<Record<Status, string>> = {
  ok: 'OK',
  warning: 'WARNING',
  wrong: 'CRITICAL',
  unknown: 'UNKNOWN',
};

/** The exit code. Pure. */
export function exitCodeOfChecks(checks: readonly Checked[]): number {
  return codes[statusOf(checks)];
}

function statusOf(checks: readonly Checked[]): Status {
  return worst(checks.map(({ status }) => status));
}

const statuses: readonly Status[] = ['wrong', 'warning', 'unknown', 'ok'];

/** The first line, with the counts as performance data: what monitoring shows. Pure. */
export function summariseChecks(checks: readonly Checked[]): string {
  const status = statusOf(checks);
  const count = (one: Status): number => checks.filter((check) => check.status === one).length;
  const named = statuses
    .slice(0, -1)
    .flatMap((one) => checks.filter((check) => check.status === one).map(({ name }) => name));
  const what = named.length === 0 ? `all ${checks.length} checks are ok` : named.join(', ');
  const numbers = statuses.map((one) => `${one}=${count(one)}`).join(' ');
  return `ROAMHOME ${words[status]} - ${what} | ${numbers}`;
}

/** A line a finding, and one for what to do about it. Pure. */
export function describeChecks(checks: readonly Checked[]): readonly string[] {
  const width = Math.max(...checks.map(({ name }) => name.length));
  return checks.flatMap(({ name, findings }) =>
    findings.flatMap(({ status, what, remedy }) => [
      `${status.padEnd(7)}  ${name.padEnd(width)}  ${oneLine(what)}`,
      ...(remedy === null
        ? []
        : [`${' '.repeat(11 + width)}what to do${place(remedy)}: ${oneLine(remedy.text)}`]),
    ]),
  );
}

function place({ where, commands }: Remedy): string {
  if (where === 'server') return ', on the server';
  return commands.length === 0 ? '' : ', as root';
}

/** A bar begins performance data, on later lines too; what zpool or a server says may hold anything. */
function oneLine(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .replaceAll('|', '¦');
}

/** The same for programs. Pure. */
export function checksToJson(checks: readonly Checked[]): string {
  return JSON.stringify({ status: statusOf(checks), exitCode: exitCodeOfChecks(checks), checks }, null, 2);
}
