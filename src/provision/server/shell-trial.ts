import { dirname } from 'node:path';
import { judgeQuestion } from '../../gate/policy.ts';
import { shellZfs } from '../../install/places.ts';
import type { Argv, Host } from '../../host/host.ts';

/** Installed from its source or a package it is on the PATH; in a venv, where venvs commonly are. */
const findScript =
  'for one in "$(command -v lshell)" /opt/lshell/bin/lshell /opt/pipx/venvs/limited-shell/bin/lshell; do if [ -x "$one" ]; then echo "$one"; exit; fi; done';

/** Where lshell is on the machine; null: it is not installed. */
export async function lookForLshell(host: Host, signal: AbortSignal): Promise<string | null> {
  const path = (await host.run(['sh', '-c', findScript], { signal })).stdout.trim();
  return path.startsWith('/') ? path : null;
}

/** What sshd gives to somebody who is not root, as Debian compiles it: no sbin. */
const sshdPath = '/usr/local/bin:/usr/bin:/bin:/usr/games';

/** `ACCOUNT HOME SHELL [OPTION...]`: the account's shell, called as sshd calls it, has to let zfs through, and neither another command nor a variable. */
const script = [
  'account=$1 home=$2',
  'shift 2',
  'cd "$home" 2>/dev/null || cd /',
  [
    'ask() { words=$1',
    'shift',
    `runuser -u "$account" -- env -i PATH=${sshdPath} HOME="$home" USER="$account" LOGNAME="$account" SHELL="$1" SSH_CLIENT="127.0.0.1 1 22" SSH_CONNECTION="127.0.0.1 1 127.0.0.1 22" "$@" -c "$words" </dev/null`,
    '}',
  ].join('; '),
  'said=$(ask "zfs version" "$@" 2>&1 >/dev/null) || { printf "it does not let zfs through: %s\\n" "$said" >&2; exit 1; }',
  'if ask id "$@" >/dev/null 2>&1; then echo "it lets id through" >&2; exit 1; fi',
  // By PS4 and SHELLOPTS lshell's own bash would run anything (lshell-section.ts).
  'if ask "ROAMHOME=1 && zfs version" "$@" >/dev/null 2>&1; then echo "it lets a client set variables of the shell that runs zfs, and so run any program" >&2; exit 1; fi',
  `weak=$(for one in /etc/roamhome ${dirname(shellZfs)} ${shellZfs}; do if [ -e "$one" ]; then find "$one" -prune '(' -not -user root -o -perm -020 -o -perm -002 ')' -print; fi; done)`,
  'if [ -n "$weak" ]; then echo "others than root can change" $weak >&2; exit 1; fi',
  // What stands before zfs says so; zfs itself knows no such command.
  `if [ "$(ask 'zfs ${judgeQuestion}' "$@" 2>/dev/null)" = roamhome ]; then echo judged; fi`,
].join('; ');

/** Whether the gate's judge stands before zfs there. Pure. */
export function isJudged({ stdout }: { readonly stdout: string }): boolean {
  return stdout.trim() === 'judged';
}

/** Exit 0: the shell is a restriction that works. Else stderr says why it is not. `shell`: with its options. Pure. */
export function shellTrial(
  { account, home }: { readonly account: string; readonly home: string },
  shell: readonly [string, ...string[]],
): Argv {
  return ['sh', '-c', script, 'sh', account, home, ...shell];
}

/** What it said, in one line; the end, for the reason comes last. Pure. */
export function saidByTrial(stderr: string): string {
  const text = stderr.trim().replaceAll(/\s+/g, ' ');
  return text.length <= 300 ? text : `…${text.slice(-300)}`;
}
