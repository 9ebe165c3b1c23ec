import type { ZfsCommand } from '../command.ts';
import { linesOf } from '../parse.ts';
import type { DatasetName } from '../names.ts';

/** How many snapshots a dataset and all below it have. Names alone: no property's text can make a line. */
export function countSnapshots(root: DatasetName): ZfsCommand<number> {
  return {
    argv: ['zfs', 'list', '-H', '-t', 'snapshot', '-o', 'name', '-r', root],
    mutates: false,
    parse: (stdout) => linesOf(stdout).length,
  };
}
