/** What a restricted shell says to a command that it does not run. */
export interface LshellRefusal {
  readonly exitCode: number;
  readonly stderr: string;
}

// A word: plain characters (non-ASCII is plain), quoted parts, backslash-escaped spaces, ~ and $NAME.
const part = String.raw`(?:[A-Za-z0-9@#%,:=+\-_./~\u0080-\uffff]|\\ |\$[A-Za-z_][A-Za-z0-9_]*|"[^"]*"|'[^']*')`;
const assignment = new RegExp(`^([A-Za-z_][A-Za-z0-9_]*)=${part}*(?: +|$)`);
const zfsCommand = new RegExp(`^zfs(?: +${part}+)* *$`);

/** What lshell lets nobody set (its FORBIDDEN_ENVIRON); any other name passes. */
const forbiddenVariables = [
  ...['LD_AOUT_LIBRARY_PATH', 'LD_AOUT_PRELOAD', 'LD_LIBRARY_PATH', 'LD_PRELOAD', 'LD_ORIGIN_PATH'],
  ...['LD_DEBUG_OUTPUT', 'LD_PROFILE', 'GCONV_PATH', 'HOSTALIASES', 'LOCALDOMAIN', 'LOCPATH', 'MALLOC_TRACE'],
  ...['NLSPATH', 'RESOLV_HOST_CONF', 'RES_OPTIONS', 'TMPDIR', 'TZDIR', 'LD_USE_LOAD_BIAS', 'LD_DEBUG'],
  ...['LD_DYNAMIC_WEAK', 'LD_SHOW_AUXV', 'GETCONF_DIR', 'LD_AUDIT', 'NIS_PATH', 'PATH'],
];

/** Of the account's section, as provisioning writes it (lshell-section.ts), beyond single characters of shells. */
const forbiddenWords = ['$', '"', "'", '\\', '&&', '||', ' zfs '];

/**
 * lshell 0.11.1 with `allowed: ['zfs']` and `overssh: ['zfs']` and the `forbidden` of provisioning, by the same measurements as scripts/lab.d/lshell-standin; the two are
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
  const stripped = command.replaceAll(/^ +| +$/g, '');
  if (forbiddenWords.some((word) => stripped.includes(word))) return overSsh;
  for (const one of command.split(/\s*(?:&&|\|\|)\s*/)) {
    let rest = one.replace(/^ +/, '');
    for (let found = assignment.exec(rest); found !== null; found = assignment.exec(rest)) {
      const [text, name = ''] = found;
      if (forbiddenVariables.includes(name))
        return { exitCode: 126, stderr: `lshell: forbidden environment variable: ${name}\n`.repeat(2) };
      rest = rest.slice(text.length);
    }
    // With no command behind it bash gets the variable at the next one.
    const setsOnly = rest === '' && assignment.test(one.replace(/^ +/, ''));
    if (!setsOnly && !zfsCommand.test(rest)) return overSsh;
  }
  return null;
}
