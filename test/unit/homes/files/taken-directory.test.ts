import { afterEach, expect, test, vi } from 'vitest';
import { takeDirectory } from '../../../../src/homes/files/taken-directory.ts';

const { open } = vi.hoisted(() => ({ open: vi.fn() }));
vi.mock('node:fs/promises', () => ({ open, readdir: vi.fn() }));

afterEach(() => {
  vi.restoreAllMocks();
});

test.each(['EACCES', 'ENOTCONN', 'ENOENT'])(
  'a directory over which its owner has mounted something that answers root with %s is not taken',
  async (code) => {
    vi.spyOn(process, 'getuid').mockReturnValue(0);
    vi.spyOn(process, 'platform', 'get').mockReturnValue('linux');
    open.mockRejectedValueOnce(Object.assign(new Error(code), { code }));
    expect(await takeDirectory('/Users/alice/stage', { uid: 2001, gid: 2100 })).toBe(null);
    expect(open).toHaveBeenCalled();
  },
);
