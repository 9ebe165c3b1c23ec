import { expect, test } from 'vitest';
import { noRoomError, roomFor } from '../../../src/sync/encryption-root.ts';
import { parseDatasetName } from '../../../src/zfs/names.ts';

const home = parseDatasetName('data/profiles/alice');
const conflicts = parseDatasetName('data/profiles-conflicts');

test.each([
  ['not encrypted', '-', 'Lec', 'clone'],
  ['with the pool', 'data', 'Lec', 'clone'],
  ['with the place for conflicts', 'data/profiles-conflicts', 'Lec', 'clone'],
  ['with the homes alone', 'data/profiles', 'Lec', 'none'],
  ['by itself', 'data/profiles/alice', 'Lec', 'none'],
  ['by itself, and sent raw', 'data/profiles/alice', 'w', 'apart'],
  ['with a dataset whose name begins alike', 'data/profiles-con', 'Lec', 'none'],
] as const)(
  'a home encrypted %s: %s, sent with %j: its successor can be made as: %s',
  (_what, root, flags, want) => {
    expect(roomFor(root, home, conflicts, flags)).toBe(want);
  },
);

test('the error says which roots do not fit', () => {
  expect(noRoomError('data/profiles', conflicts)).toMatchObject({
    code: 'encryption-root',
    message: expect.stringContaining(
      'data/profiles-conflicts is not in its encryption root, data/profiles',
    ) as string,
  });
});
