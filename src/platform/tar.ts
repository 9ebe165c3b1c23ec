import type { Argv } from '../host/host.ts';

/** True for a command of macOS's own tar. Pure. */
export function isBsdtar(argv: Argv): boolean {
  return argv.includes('--mac-metadata');
}

/**
 * The commands that copy entries of one directory into another, the first piped into the second, with all that a file
 * has: extended attributes, ACLs, flags, holes, hard links within what is copied. Linux: GNU tar; macOS: its bsdtar,
 * which puts them into AppleDouble entries. Owners and groups go by their numbers: no directory service is asked. Standard input of the first is the list of names, each `./NAME` and a NUL.
 * `asRoot`: the second has root's rights, and can write the extended attributes of every name space.
 */
export function tarCommands(
  kind: 'macos' | 'linux',
  from: string,
  into: string,
  { asRoot = false } = {},
): { readonly create: Argv; readonly extract: Argv } {
  if (kind === 'macos') {
    return {
      create: ['tar', '-c', '-f', '-', '--mac-metadata', '--numeric-owner', '-C', from, '--null', '-T', '-'],
      extract: ['tar', '-x', '-p', '-f', '-', '--mac-metadata', '--numeric-owner', '-C', into],
    };
  }
  const whole = [
    '--numeric-owner',
    '--xattrs',
    ...(asRoot ? ['--xattrs-include=*'] : []),
    '--acls',
    '--file=-',
  ];
  return {
    create: [
      'tar',
      '--create',
      '--format=posix',
      '--sparse',
      ...whole,
      `--directory=${from}`,
      '--null',
      '--files-from=-',
    ],
    extract: ['tar', '--extract', '--preserve-permissions', ...whole, `--directory=${into}`],
  };
}

/**
 * Writes out the entries of a directory that standard input names, each with all that it has, so that two that are the same give the same
 * bytes: no time but the last change, no number of a process or a device. At the lowest priority, of the disks too where the system knows that. Standard
 * input is a list as of `tarCommands`; directories are named without what is in them.
 */
export function tarToCompare(kind: 'macos' | 'linux', from: string): Argv {
  const list = ['--null', '-T', '-'];
  if (kind === 'macos') {
    const words = ['-c', '-f', '-', '--format=pax', '--mac-metadata', '--numeric-owner', '-n', '-C', from];
    return ['nice', '-n', '19', 'tar', ...words, ...list];
  }
  const stable = ['--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime', '--format=posix'];
  const whole = ['--numeric-owner', '--xattrs', '--xattrs-include=*', '--acls', '--no-recursion'];
  return [
    ...(['nice', '-n', '19', 'ionice', '-c', '3'] as const),
    ...['tar', '--create', '--file=-', ...stable, ...whole, `--directory=${from}`, ...list],
  ];
}

/** What `tarCommands` reads. Pure. */
export function nameList(names: readonly Buffer[]): Buffer {
  return Buffer.concat(names.flatMap((name) => [Buffer.from('./'), name, Buffer.from([0])]));
}
