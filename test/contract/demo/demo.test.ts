import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('the demo tells its story to the end, with real files', async () => {
  const script = fileURLToPath(new URL('../../../scripts/demo-simulator.mjs', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script], { env: {} });
  expect(stdout).toMatch(/logout of alice: not synced, pending, nothing is lost, 1 problem/);
  expect(stdout).toMatch(/is kept: here as data\/profiles-conflicts\/alice-mac-b-\S+, and on the server as/);
  expect(stdout).toMatch(
    / {4}Call me Ishmael\.\n {4}It is a way I have .*\n {4}Some years ago .*\n\nOn the server/,
  );
});
