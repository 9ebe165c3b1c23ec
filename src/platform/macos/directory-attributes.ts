import type { Host } from '../../host/host.ts';
import { fullDiskAccessRemedy } from '../../host/full-disk-access.ts';
import { textOf } from '../text-of.ts';

/** Extended attributes with their values (Finder's tags and labels are such), ACL and flags. Throws `command-failed`. */
export async function macosDirectoryAttributes(
  host: Host,
  path: string,
  signal?: AbortSignal,
): Promise<string> {
  const attributes = await textOf(host, ['xattr', '-l', '-x', '-s', path], signal, fullDiskAccessRemedy);
  const flags = await textOf(host, ['stat', '-f', '%f', path], signal, fullDiskAccessRemedy);
  const listed = await textOf(host, ['ls', '-l', '-d', '-e', '-n', path], signal, fullDiskAccessRemedy);
  // An entry of the ACL a line, below the directory's own with its times and its name: ` 0: user:… allow …`.
  const acl = listed.split('\n').filter((line) => /^ \d+: /.test(line));
  return [flags.trim(), ...acl, attributes].join('\n');
}

/** The same of a directory and all below it. Throws `command-failed`. */
export async function macosTreeAttributes(host: Host, path: string, signal?: AbortSignal): Promise<string> {
  const attributes = await textOf(
    host,
    ['xattr', '-r', '-l', '-x', '-s', path],
    signal,
    fullDiskAccessRemedy,
  );
  const flags = await textOf(
    host,
    ['find', path, '-exec', 'stat', '-f', '%f %N', '{}', '+'],
    signal,
    fullDiskAccessRemedy,
  );
  const listed = await textOf(host, ['ls', '-l', '-A', '-R', '-e', '-n', path], signal, fullDiskAccessRemedy);
  const acl = listed.split('\n').filter((line) => /^ \d+: /.test(line));
  return [...flags.split('\n').sort(), ...acl.sort(), ...attributes.split('\n').sort()]
    .join('\n')
    .replaceAll(path, '');
}
