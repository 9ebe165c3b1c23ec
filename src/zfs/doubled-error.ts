import { RoamhomeError } from '../errors/errors.ts';
import { shellWord } from '../host/shell-word.ts';
import type { Doubled } from './doubled.ts';
import { datasetOf } from './names.ts';

/** `guid-doubled`: which of the two a guid stands for, nobody can tell. Pure. */
export function doubledError(doubled: Doubled, place: string): RoamhomeError {
  return new RoamhomeError({
    code: 'guid-doubled',
    message: `${datasetOf(doubled.first)} on ${place} is left as it is: ${doubledInWords(doubled)}`,
    remedy: doubledRemedy(doubled, place),
  });
}

/** Pure. */
export function doubledInWords({ first, later, guid }: Doubled): string {
  const short = (name: string): string => name.slice(name.indexOf('@'));
  return `its snapshots ${short(first)} and ${short(later)} have one guid (${guid}), which only a stream that somebody made up does`;
}

/** Pure. */
export function doubledRemedy({ first, later }: Doubled, place: string): string {
  return (
    `Run \`zfs diff ${shellWord(first)} ${shellWord(later)}\` on ${place}, as root: it shows what the later one changed. ` +
    `Copy out what is needed; \`zfs rollback -r ${shellWord(first)}\` there then gives up the later one and all after it. ` +
    'Revoke the key that wrote it (`roamhome provision key revoke`).'
  );
}
