import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { takeDirectory } from '../../../../src/homes/files/taken-directory.ts';
import { createLocalHost } from '../../../../src/host/local.ts';

/** Nobody on Debian. */
const owner = { uid: 65_534, gid: 65_534 };
const theirs = createLocalHost({ name: 'this machine', path: ['/usr/bin', '/bin'], as: owner });

describe.runIf(process.getuid?.() === 0)('a directory of a user that root takes', () => {
  let home: string;
  let stage: string;

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'taken-'));
    stage = join(home, 'stage');
    mkdirSync(stage, { mode: 0o700 });
    for (const each of [home, stage]) chownSync(each, owner.uid, owner.gid);
    return () => {
      rmSync(home, { recursive: true, force: true });
    };
  });

  const touch = async (path: string): Promise<number | null> => (await theirs.run(['touch', path])).exitCode;

  test('is closed to them until they get it back', async () => {
    const taken = await takeDirectory(stage, owner);
    expect(await touch(join(stage, 'sneaked-in'))).not.toBe(0);
    await writeFile(join(taken?.path ?? '/none', 'file'), 'x');
    await taken?.giveBack();
    await taken?.close();
    expect(readdirSync(stage)).toEqual(['file']);
    expect(await touch(join(stage, 'own'))).toBe(0);
    expect(statSync(stage).mode & 0o777).toBe(0o700);
  });

  test('is the one that was taken, whatever they put in its place', async () => {
    const system = join(home, 'system');
    mkdirSync(system);
    const taken = await takeDirectory(stage, owner);
    renameSync(stage, join(home, 'moved'));
    symlinkSync(system, stage);
    await writeFile(join(taken?.path ?? '/none', 'file'), 'x');
    await taken?.giveBack();
    await taken?.close();
    expect([readdirSync(system), readdirSync(join(home, 'moved'))]).toEqual([[], ['file']]);
    expect(statSync(system).uid).toBe(0);
  });

  test.each<[string, () => void]>([
    [
      'has something in it',
      () => {
        mkdirSync(join(stage, 'there'));
      },
    ],
    [
      'is open to others',
      () => {
        chmodSync(stage, 0o755);
      },
    ],
    [
      "is another's",
      () => {
        chownSync(stage, 1, 1);
      },
    ],
    [
      'is a symlink',
      () => {
        renameSync(stage, join(home, 'moved'));
        symlinkSync(join(home, 'moved'), stage);
      },
    ],
    [
      'is a file',
      () => {
        rmSync(stage, { recursive: true });
        writeFileSync(stage, '');
      },
    ],
    [
      'is gone',
      () => {
        rmSync(stage, { recursive: true });
      },
    ],
  ])('is not taken when it %s', async (_what, change) => {
    change();
    const before = statSync(stage, { throwIfNoEntry: false })?.uid;
    expect(await takeDirectory(stage, owner)).toBe(null);
    expect(statSync(stage, { throwIfNoEntry: false })?.uid).toBe(before);
  });
});
