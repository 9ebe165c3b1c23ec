import { describe, expect, test } from 'vitest';
import { createSimulatedHost } from '../../../src/simulator/host.ts';
import { createMachine } from '../../../src/simulator/machine.ts';
import { listThinnable } from '../../../src/zfs/commands/list-thinnable.ts';
import { parseDatasetName } from '../../../src/zfs/names.ts';
import { readLocalProperties } from '../../../src/zfs/read-properties.ts';
import { zfsError } from '../../../src/zfs/stderr.ts';
import { countContent } from '../../../src/zfs/stream-content.ts';
import { createSyncZfs } from '../../../src/zfs/sync-zfs.ts';
import { result } from '../../support/fake-host.ts';

const home = parseDatasetName('data/profiles/alice');

test('a snapshot of which zfs names no clones, by an empty column or a dash, can be thinned', () => {
  const line = (clones: string): string =>
    `${home}\tfilesystem\t1\t1\t1700000000\t0\t8192\t-\t-\n${home}@a\tsnapshot\t7\t9\t1700000000\t7\t9\t0\t${clones}\n`;
  const hasClones = (clones: string) => listThinnable(home).parse(line(clones))[0]?.snapshots[0]?.hasClones;
  expect(['', '-', 'data/x'].map(hasClones)).toEqual([false, false, true]);
});

test('what takes a home’s place gets what was set on that home, and not what it had from above', async () => {
  const machine = createMachine({ pools: ['data'], now: () => 0, random: () => 77n });
  const host = createSimulatedHost({ name: 'this Mac', machine });
  for (const words of [
    'create -o compression=zstd -o mountpoint=/Users data/profiles',
    `create -o quota=10G ${home}`,
    `create -o mountpoint=/srv/mail ${home}/mail`,
  ])
    expect(await host.run(['zfs', ...words.split(' ')] as never)).toMatchObject({ exitCode: 0 });
  const zfs = createSyncZfs(host, { command: () => undefined, warning: () => undefined });
  const own = await readLocalProperties(zfs, home, {});
  expect(Object.keys(own.get(home) ?? {})).toEqual(['quota']);
  expect(own.get(parseDatasetName(`${home}/mail`))).toEqual({ mountpoint: '/srv/mail' });
});

describe('a failure of zfs is worth another try', () => {
  const retryable = (stderr: string): boolean =>
    zfsError('the server', ['zfs', 'receive', home], result({ exitCode: 1, stderr })).retryable;

  test.each([
    ['where the dataset is busy', 'cannot receive incremental stream: dataset is busy\n', true],
    ['not where the account may not', 'cannot receive incremental stream: permission denied\n', false],
    ['not where there is no such dataset', `cannot open '${home}': dataset does not exist\n`, false],
  ])('%s', (_when, stderr, want) => {
    expect(retryable(stderr)).toBe(want);
  });
});

test('what follows an object whose attributes are of an odd length is counted as what it is', () => {
  const head = (fields: (record: Buffer) => void): Buffer => {
    const record = Buffer.alloc(312);
    fields(record);
    return record;
  };
  const begin = head((record) => record.writeBigUInt64LE(0x2_f5ba_cbacn, 8));
  const object = (bonus: number): Buffer =>
    Buffer.concat([
      head((record) => {
        record.writeUInt32LE(1, 0);
        record.writeUInt32LE(bonus, 28);
      }),
      Buffer.alloc(Math.ceil(bonus / 8) * 8, 0xff),
    ]);
  const end = head((record) => record.writeUInt32LE(5, 0));
  const count = (...records: readonly Buffer[]): number => {
    const counter = countContent();
    counter.take(Buffer.concat(records));
    return counter.bytes();
  };
  for (const bonus of [0, 1, 5, 7, 8, 44])
    expect(count(begin, object(bonus), object(bonus), end), `${bonus} bytes`).toBe(2 * 312 + 2 * 128);
});
