import type { Argv } from '../host/host.ts';

/** What sshd tells of a command, as it came: not to be trusted. */
export interface Asked {
  readonly line: string;
  /** Whose key it was, in words: `the key of mac7`. */
  readonly who: string;
  readonly from: string;
}

/** The line for the client's stderr, which zfs/stderr.ts knows again. Pure. */
export function refusalLine(why: string): string {
  return `roamhome-gate: refused: ${printable(why, 300)}\n`;
}

/** The command that tells the system log of a refusal, in one line. Pure. */
export function auditArgv(why: string, { line, who, from }: Asked): Argv {
  const text = `refused ${who} from ${printable(from, 50)}: ${printable(why, 200)}: ${printable(line, 500)}`;
  return ['/usr/bin/logger', '-t', 'roamhome-gate', '-p', 'authpriv.warning', '--', text];
}

/** In printable ASCII, whatever a client has sent: nothing in it can begin a line of its own or steer a terminal. */
function printable(text: string, longest: number): string {
  const escaped = text
    .slice(0, longest)
    .replaceAll(/[^ -[\]-~]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
  const isWhole = text.length <= longest && escaped.length <= longest;
  return isWhole ? escaped : `${escaped.slice(0, longest)}... (${text.length} characters)`;
}
