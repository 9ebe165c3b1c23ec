import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLocalHost } from '../../../src/host/local.ts';
import { transfer } from '../../../src/sync/transfer.ts';

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'roamhome-ends-'));
  // Sends a little and fails; receives nothing, and does not end with its stream.
  writeFileSync(
    join(directory, 'zfs'),
    '#!/bin/sh\n[ "$1" = send ] && { echo x; echo "cannot send" >&2; exit 1; }\nexec sleep 600\n',
  );
  chmodSync(join(directory, 'zfs'), 0o755);
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

test(
  'a receiver that hangs after its stream was cut is ended, and nobody waits for it',
  { timeout: 50_000 },
  async () => {
    const host = createLocalHost({ name: 'here', path: [directory, '/usr/bin', '/bin'] });
    const moving = transfer({
      source: host,
      send: ['zfs', 'send', 'data/a@x'],
      sink: host,
      receive: ['zfs', 'receive', 'data/b'],
      arrivedBytes: 0n,
      stallMs: 30_000,
      signal: new AbortController().signal,
      onProgress: () => undefined,
    });
    await expect(moving).rejects.toThrow('cannot send');
    await host.close();
  },
);
