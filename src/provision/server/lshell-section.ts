/**
 * What lshell is to hold to with the account, in its own words. Measured with lshell 0.11.1: these two let nothing but zfs
 * through, on a command line of SSH too; scp and sftp are said again lest a [default] allows them.
 */
const wantedLshell: Readonly<Record<string, string>> = {
  allowed: "['zfs']",
  overssh: "['zfs']",
  scp: '0',
  sftp: '0',
};

/** The configuration with the account's section as it is to be; all else stays as it is. `''`: there is no file. Pure. */
export function withLshellSection(text: string, account: string): string {
  const section = [
    `[${account}]`,
    '# Written by `roamhome provision server`, which writes this section anew.',
    ...Object.entries(wantedLshell).map(([key, value]) => `${key} : ${value}`),
  ];
  const lines = (text === '' ? '[global]\n\n[default]\n' : text).trimEnd().split('\n');
  const start = lines.findIndex((line) => line.trim() === `[${account}]`);
  if (start < 0) return [...lines, '', ...section, ''].join('\n');
  const next = lines.findIndex((line, index) => index > start && /^\[.*\]\s*$/.test(line));
  const after = next < 0 ? [] : ['', ...lines.slice(next)];
  return [...lines.slice(0, start), ...section, ...after, ''].join('\n');
}
