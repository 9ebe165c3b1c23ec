import type { Host } from '../host/host.ts';
import { textOf } from '../platform/text-of.ts';

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
