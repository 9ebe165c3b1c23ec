import { RoamhomeError } from '../errors/errors.ts';
import { collectOutput } from '../host/collect-output.ts';
import type { Argv, CommandResult, Host, RunOptions } from '../host/host.ts';
import { unexpectedResult } from '../platform/command-error.ts';
import { ownerWord } from './describe-change.ts';
import type { Change, WantedText } from './task.ts';

const remedy =
  'See to what it says, and run this again: it goes on where it stopped. What was done before stays done.';

/** Does it. Throws `command-failed` when it was not done, and `state-unusable` for a text that its check refuses. */
export async function applyChange(host: Host, change: Change, signal: AbortSignal): Promise<void> {
  switch (change.kind) {
    case 'run': {
      const { argv, input } = change;
      const result = await runWith(host, argv, input ?? '', { signal });
      if (result.exitCode !== 0) throw unexpectedResult(argv, result, remedy);
      return;
    }
    case 'write-file':
      return writeFile(host, change.file, signal);
    case 'call':
      return change.call(signal);
  }
}

/** Runs a command to its end that reads `input`. */
async function runWith(
  host: Host,
  argv: Argv,
  input: string,
  options: RunOptions = {},
): Promise<CommandResult> {
  return collectOutput(await host.stream(argv, options), argv, input);
}

/** The exit code of writeScript when the check refuses the text. */
const refused = 3;

/**
 * PATH OWNER MODE BYTES [CHECK...], the text on stdin. Whole or not at all: who writes the text may be cut off, which
 * looks to a reader like its end, so the bytes are counted. Beside the target, since a rename does not leave a file system;
 * with its final mode before it gets its name. One line without an exclamation mark: csh, too, passes it on as it is.
 */
const writeScript = [
  'umask 077',
  'path=$1 owner=$2 mode=$3 bytes=$4',
  'shift 4',
  'new=$(mktemp "${path%/*}/.roamhome.XXXXXXXX") || exit 1',
  'trap \'rm -f "$new"\' EXIT',
  "trap 'exit 1' HUP INT TERM",
  'cat >"$new" || exit 1',
  'if [ "$(wc -c <"$new")" -ne "$bytes" ]; then echo "the text was cut off" >&2; exit 1; fi',
  'chown "$owner" "$new" && chmod "$mode" "$new" || exit 1',
  'for word; do shift; if [ "$word" = "{}" ]; then word=$new; fi; set -- "$@" "$word"; done',
  `if [ $# -gt 0 ]; then "$@" >&2 || exit ${refused}; fi`,
  'sync "$new" || exit 1',
  'mv -f "$new" "$path"',
].join('; ');

async function writeFile(host: Host, file: WantedText, signal: AbortSignal): Promise<void> {
  const { path, text, mode, owner, check = [] } = file;
  const words = [path, ownerWord(owner), mode.toString(8), String(Buffer.byteLength(text)), ...check];
  const result = await runWith(host, ['sh', '-c', writeScript, 'sh', ...words], text, { signal });
  if (result.exitCode === 0) return;
  // The end: what a program of Python's, or a check, died of comes last.
  const said = result.stderr.trim().replaceAll(/\s+/g, ' ').slice(-300);
  if (result.exitCode === refused)
    throw new RoamhomeError({
      code: 'state-unusable',
      message: `${path} is left as it was: ${check[0] ?? ''} on ${host.name} refuses what it was to become: ${said}`,
      remedy: 'See to what it says (the installed version may be too old), and run this again.',
    });
  const how =
    result.exitCode === null ? `signal ${result.signal ?? 'unknown'}` : `exit code ${result.exitCode}`;
  throw new RoamhomeError({
    code: 'state-unusable',
    message: `${path} on ${host.name} cannot be written (${how}): ${said === '' ? 'no output' : said}`,
    remedy: 'Make room, or correct what is in the way there, and run this again.',
  });
}
