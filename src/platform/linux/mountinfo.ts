import { readFile } from 'node:fs/promises';
import type { Mount } from '../mounts.ts';

/** Reads /proc/self/mountinfo (proc(5)), in the order of mounting; a line that is none is left out. Pure. */
export function parseMountinfo(text: string): readonly Mount[] {
  return text.split('\n').flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ', 2);
    const [id, parentId, , , path] = before.split(' ');
    const [type, source] = after.split(' ');
    if (id === undefined || parentId === undefined || path === undefined) return [];
    if (type === undefined || source === undefined) return [];
    return [{ source: unescape(source), path: unescape(path), type, id, parentId }];
  });
}

/** A blank, a tab, a newline and the backslash are written as octal numbers. */
function unescape(word: string): string {
  return word.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCodePoint(Number.parseInt(octal, 8)),
  );
}

/** What is mounted on this machine. */
export async function listLinuxMounts(): Promise<readonly Mount[]> {
  return parseMountinfo(await readFile('/proc/self/mountinfo', 'utf8'));
}
