import { describe, expect, test } from 'vitest';
import { changeToJson, formatAdded, formatFolders, formatRemoved } from '../../../../src/cli/exclude/text.ts';
import type { ShownFolder } from '../../../../src/homes/excluded/list-folders.ts';
import { jsonText } from '../../../../src/cli/framework/json.ts';
import { RoamhomeError } from '../../../../src/errors/errors.ts';
import { folderDataset } from '../../../../src/homes/mount/excluded-folders.ts';
import { parseDatasetName } from '../../../../src/zfs/names.ts';

const sent = { snapshot: null, pending: false, problems: [], warnings: [] };
const shown = (path: string | null, more: Partial<ShownFolder>): ShownFolder => ({
  ...{ path, onList: true, here: 'whole', usedBytes: 3 << 20, mounted: false },
  dataset: folderDataset(parseDatasetName('data/profiles/alice'), path ?? '?'),
  ...more,
});

describe('what exclude says', () => {
  test('names are shown so that they steer no terminal', () => {
    const folders = [
      { path: 'a\nb', outcome: 'moved' as const },
      { path: 'c', outcome: 'listed' as const },
    ];
    expect(formatAdded({ ...sent, folders, pending: true }).split('\n')).toEqual([
      'a\\u000ab: excluded; what was in it is on this Mac alone now',
      'c: excluded; the home has no such folder yet: the next login makes it',
      'the change could not be sent yet; it is pending, nothing is lost',
    ]);
    const returned = [
      { path: 'a', as: 'a' },
      { path: 'b', as: 'b (was excluded)' },
      { path: 'c', as: null },
    ];
    expect(formatRemoved({ ...sent, folders: returned }).split('\n')).toEqual([
      'a: back in the home',
      'b: the home has files there; what was excluded is beside it: b (was excluded)',
      'c: not excluded any more; this Mac had nothing of it',
    ]);
  });

  test('a line for each folder, whatever its state', () => {
    const found = [
      shown('Downloads', { mounted: true }),
      shown('Movies', { onList: null }),
      shown('Music', { onList: false }),
      shown('Library/Logs', { here: 'none', dataset: null }),
      shown(null, { here: 'incomplete', onList: false }),
    ];
    expect(formatFolders(found, { user: 'alice' }).split('\n')).toEqual([
      'Downloads     3.0 MiB on this Mac, mounted',
      'Movies        3.0 MiB on this Mac',
      `Music         not on the list any more; 3.0 MiB on this Mac, kept in ${found[2]?.dataset ?? ''}`,
      'Library/Logs  not on this Mac: the next login makes it',
      '?             not complete: run `roamhome exclude add` again',
    ]);
    expect(formatFolders([], { user: 'alice' })).toBe("nothing of alice's home is excluded");
  });

  test('in JSON a problem comes with its code and remedy', () => {
    const problem = new RoamhomeError({ code: 'stalled', message: 'm', remedy: 'r', retryable: true });
    expect(JSON.parse(jsonText(changeToJson({ ...sent, folders: [], problems: [problem] })))).toMatchObject({
      folders: [],
      problems: [{ code: 'stalled', message: 'm', remedy: 'r', retryable: true }],
    });
  });
});
