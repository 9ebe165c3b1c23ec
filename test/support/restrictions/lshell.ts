/** What a restricted shell says to a command that it does not run. */
export interface LshellRefusal {
  readonly exitCode: number;
  readonly stderr: string;
}

// A word: plain characters (non-ASCII is plain), quoted parts, backslash-escaped spaces, ~ and $NAME.
const part = String.raw`(?:[A-Za-z0-9@#%,:=+\-_./~\u0080-\uffff]|\\ |\$[A-Za-z_][A-Za-z0-9_]*|"[^"]*"|'[^']*')`;
const assignment = new RegExp(`^([A-Za-z_][A-Za-z0-9_]*)=${part}* +`);
const zfsCommand = new RegExp(`^zfs(?: +${part}+)* *$`);

/**
 * lshell 0.11.1 with `allowed: ['zfs']` and `overssh: ['zfs']`, by the same measurements as scripts/lab.d/lshell-standin; the two are
 * compared by test/contract/gate/lshell.test.ts. null: the command runs.
 */
export function lshellRefusal(command: string): LshellRefusal | null {
  const overSsh: LshellRefusal = {
    exitCode: 1,
    stderr: `lshell: forbidden ${/\S/.test(command) ? 'char/' : ''}command over SSH: "${command}"\nThis incident has been reported.\n`,
  };
  if (/(?<!&)&\s*$/.test(command))
    return {
      exitCode: 126,
      stderr:
        'lshell: forbidden character: "&"\nlshell: warning: 1 violation remaining before session termination\n',
    };
  // oxlint-disable-next-line no-control-regex -- control characters are among what is refused
  if (/[\x00-\x1f\x7f;`<>]|\$[({]/.test(command)) return overSsh;
  if (/(?<!\|)\|(?!\|)/.test(command) || !/\S/.test(command)) return overSsh;
  for (const one of command.split(/\s*(?:&&|\|\|)\s*/)) {
    let rest = one.replace(/^ +/, '');
    for (let found = assignment.exec(rest); found !== null; found = assignment.exec(rest)) {
      const [text, name = ''] = found;
      if (name === 'PATH')
        return { exitCode: 126, stderr: 'lshell: forbidden environment variable: PATH\n'.repeat(2) };
      if (!/^(?:LC_[A-Z]+|LANG)$/.test(name)) return overSsh;
      rest = rest.slice(text.length);
    }
    if (!zfsCommand.test(rest)) return overSsh;
  }
  return null;
}
