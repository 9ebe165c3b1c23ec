import type { ZfsCommand } from '../command.ts';
import type { DatasetName } from '../names.ts';
import { linesOf, outputUnknown } from '../parse.ts';

function parsePermissions(stdout: string): ReadonlySet<string> {
  const words = new Set<string>();
  for (const line of linesOf(stdout)) {
    if (/^---- Permissions on \S+ -*$/.test(line) || /^[A-Z][A-Za-z+ ]*:$/.test(line)) continue;
    if (!/^\t\S/.test(line)) throw outputUnknown('a permission', line);
    for (const word of (line.split(/\s+/).at(-1) ?? '').split(',')) words.add(word);
  }
  return words;
}

/**
 * Every permission that `zfs allow` has given to anyone on a dataset, or further up for it, by name; those of permission
 * sets too.
 */
export function listPermissions(dataset: DatasetName): ZfsCommand<ReadonlySet<string>> {
  return { argv: ['zfs', 'allow', dataset], mutates: false, parse: parsePermissions };
}
