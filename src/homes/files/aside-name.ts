/** What file systems take for one name, in bytes. */
const longestName = 255;

/**
 * The name under which the present version of an entry is kept: `novel.txt` as `novel (LABEL).txt`. A name that would get
 * too long is cut before the label. Pure.
 */
export function asideName(name: string, label: string): string {
  // A dot in front begins no suffix, and what follows a blank is none either.
  const suffix = /(?<=[^.])\.[^.\s]{1,16}$/u.exec(name)?.[0] ?? '';
  const end = ` (${label})${suffix}`;
  let stem = name.slice(0, name.length - suffix.length);
  while (Buffer.byteLength(stem + end) > longestName) stem = stem.replace(/.$/su, '');
  return stem + end;
}
