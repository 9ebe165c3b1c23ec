import { RoamhomeError } from '../../errors/errors.ts';
import { followWay, type Way } from './follow-way.ts';
import type { HomeState } from '../../sync/home-state.ts';
import type { Session } from '../session.ts';

/** The way from `top`, where the home is mounted, to a folder in it. */
export function wayTo(
  { files }: Pick<Session, 'files'>,
  home: HomeState,
  top: string,
  path: string,
): Promise<Way> {
  return followWay(files, { top, path, mounted: new Set(home.datasets.map((dataset) => dataset.path)) });
}

/** `in-the-way`, for what keeps something from being mounted in a home. */
export function blockedError(path: string, why: string): RoamhomeError {
  return new RoamhomeError({
    code: 'in-the-way',
    message: `${JSON.stringify(path)} of the home cannot be mounted: ${why}`,
    remedy: 'Make it a plain directory again, all the way to it. Nothing was mounted there.',
  });
}
