import { RoamhomeError } from '../../errors/errors.ts';
import { shellWord } from '../../host/shell-word.ts';
import type { DatasetName } from '../../zfs/names.ts';

/**
 * `in-the-way`, for a place in a home that is no plain, empty directory of its own. `place`: absolute, or below the home; `dataset`:
 * what is to be mounted there, where that is known. Pure.
 */
export function placeBlocked(place: string, why: string, dataset?: DatasetName): RoamhomeError {
  const inHome = place.startsWith('/') ? '' : ' in the home';
  return new RoamhomeError({
    code: 'in-the-way',
    message: `${dataset ?? 'nothing'} is ${dataset === undefined ? '' : 'not '}mounted at ${shellWord(place)}${inHome}: ${why}`,
    remedy:
      `Run \`ls -la ${shellWord(place)}\`${inHome}. Make it a plain, empty directory again, and each directory above it too. ` +
      'Move what is in it elsewhere. The next login mounts what belongs there.',
  });
}
