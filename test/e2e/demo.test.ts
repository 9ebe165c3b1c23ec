import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { installed, reset } from './lab.ts';

const script = fileURLToPath(new URL('../../scripts/demo.mjs', import.meta.url));

test('the demo tells its story on real OpenZFS', async () => {
  await reset(installed);
  const { stdout } = await promisify(execFile)(process.execPath, [script, '--lab']);
  expect(stdout).toMatch(/ {4}Call me Ishmael\.\n {4}It is a way .*\n {4}Some years ago .*\n\nOn the server/);
  expect(stdout).toMatch(/ {4}data\/profiles-conflicts\/alice-mac-b-\S+\n\nYou have seen/);
  expect(stdout).toMatch(/scripts\/lab down ends it\n/);
});
