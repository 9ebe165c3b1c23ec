import { shellWord } from '../host/shell-word.ts';
import type { Change, Owner } from './task.ts';

/** What a change does, in one line. Pure. */
export function describeChange(change: Change): string {
  switch (change.kind) {
    case 'run':
    case 'call':
      return change.does;
    case 'write-file':
      return `${change.isNew ? 'write' : 'replace'} ${change.file.path}`;
  }
}

/** What a dry run shows below that line: the command, or the file whole. Pure. */
export function detailsOf(change: Change): readonly string[] {
  switch (change.kind) {
    case 'run':
      return [change.argv.map(shellWord).join(' ')];
    case 'call':
      return change.lines;
    case 'write-file': {
      const { text, mode, owner, check } = change.file;
      return [
        `mode ${mode.toString(8).padStart(4, '0')}, owner ${ownerWord(owner)}`,
        ...(check === undefined ? [] : [`first: ${check.map(shellWord).join(' ')}`]),
        ...(change.isSecret === true
          ? ['| (not shown)']
          : text
              .trimEnd()
              .split('\n')
              .map((line) => `| ${line}`.trimEnd())),
      ];
    }
  }
}

/** As chown takes it. Root's group has the number 0 everywhere, and many names. Pure. */
export function ownerWord(owner: Owner): string {
  return owner === 'root' ? '0:0' : `${owner.user}:${owner.group}`;
}
