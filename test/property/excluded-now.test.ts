import fc from 'fast-check';
import { expect, test } from 'vitest';
import { joinHistory } from '../../src/homes/history/home-history.ts';
import { requireInHome } from '../../src/homes/history/read-history.ts';
import { formatFolders } from '../../src/homes/mount/excluded-folders.ts';
import type { HomeState } from '../../src/sync/home-state.ts';
import { home, localHome, serverHome } from '../support/sync/homes.ts';

const names = fc.array(fc.constantFrom('Music', 'Musical', 'own', 'a b'), { minLength: 1, maxLength: 3 });

/** A home on the server whose list has the folders. */
function listing(folders: readonly string[]): HomeState {
  const state = home(serverHome, '@a:1')!;
  const properties = { 'roamhome:excluded': formatFolders(folders) };
  return { ...state, datasets: state.datasets.map((one) => ({ ...one, properties })) };
}

test('nothing is restored to where an excluded folder is mounted, also one that is only on the server’s list', () => {
  fc.assert(
    fc.property(fc.array(names, { maxLength: 3 }), names, (folders, parts) => {
      const listed = folders.map((one) => one.join('/'));
      const history = joinHistory('alice', home(localHome, '@a:1'), listing(listed));
      const path = parts.join('/');
      const isIn = listed.some((folder) => path === folder || path.startsWith(`${folder}/`));
      const restore = (): void => {
        requireInHome(parts, history);
      };
      if (isIn) expect(restore).toThrow(/is excluded now/);
      else expect(restore).not.toThrow();
    }),
  );
});
