import type { Argv, Host } from '../../host/host.ts';
import { unexpectedResult } from '../command-error.ts';
import { textOf } from '../text-of.ts';

/**
 * Extended attributes of every name space, ACLs among them (Debian's package attr), and the flags and project of
 * chattr(1). Throws `command-failed`, also where the programs are not installed.
 */
export async function linuxDirectoryAttributes(
  host: Host,
  path: string,
  signal?: AbortSignal,
): Promise<string> {
  const attributes = await textOf(
    host,
    ['getfattr', '--absolute-names', '-h', '-d', '-m', '-', '-e', 'hex', '--', path],
    signal,
  );
  const flags = await textOf(host, ['lsattr', '-d', '-p', '--', path], signal);
  // The first line of the one, the last word of the other are the path; a name cannot pass for an attribute.
  return `${attributes.replace(/^# file: .*\n/, '')}${flags.slice(0, flags.indexOf('/'))}`;
}

/** The same of a directory and all below it. Throws `command-failed`. */
export async function linuxTreeAttributes(host: Host, path: string, signal?: AbortSignal): Promise<string> {
  // From within: getfattr escapes what is special in a name, so that the path could not be told from the rest.
  const within = ['env', '-C', path] as const;
  const attributes = await textOf(
    host,
    [...within, 'getfattr', '-R', '-P', '-h', '-d', '-m', '-', '-e', 'hex', '.'],
    signal,
  );
  // -a: names with a dot in front too. Of what is no file and no directory it knows nothing, and says so.
  const argv: Argv = [...within, 'lsattr', '-R', '-a', '-p', '.'];
  const result = await host.run(argv, signal === undefined ? {} : { signal });
  if (result.exitCode !== 0) throw unexpectedResult(argv, result);
  // A name with a newline is two lines, in both.
  const flags = result.stdout
    .split('\n')
    .filter((line) => /^ *\d+ \S*[^\s-]\S* \.\//.test(line) && !line.endsWith('/..'));
  return [...attributes.split('\n\n').sort(), ...flags.sort()].join('\n');
}
