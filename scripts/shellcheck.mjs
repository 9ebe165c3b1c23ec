// shellcheck over every shell file of the repository, found by its first line.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '--deduplicate'], {
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => {
    try {
      return /^#(!.*\b(ba|da)?sh\b|\s*shellcheck shell=)/.test(readFileSync(file, 'utf8').slice(0, 80));
    } catch {
      // Deleted, or a directory.
      return false;
    }
  });
const { status, error } = spawnSync('shellcheck', ['-x', '--source-path=SCRIPTDIR:.', ...files], {
  stdio: 'inherit',
});
if (error !== undefined)
  console.error(`shellcheck is not installed (${error.message}): apt-get install shellcheck`);
process.exitCode = status ?? 1;
