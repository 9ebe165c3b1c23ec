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
