// Makes build/roamhome.tgz: all that a Mac needs besides Node, to be unpacked into a directory of its own
// (/usr/local/lib/roamhome). Built first: npm run build.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';

const root = new URL('..', import.meta.url).pathname;
const stage = `${root}build/roamhome`;

if (!existsSync(`${root}dist/main.js`)) throw new Error('dist/ is missing: npm run build');
rmSync(stage, { recursive: true, force: true });
mkdirSync(stage, { recursive: true });
for (const part of [
  'dist',
  'hooks',
  'launchd',
  'systemd',
  'package.json',
  'LICENSE',
  'README.md',
  'CHANGELOG.md',
]) {
  cpSync(`${root}${part}`, `${stage}/${part}`, { recursive: true });
}
execFileSync('tar', [
  '-C',
  `${root}build`,
  '--owner=0',
  '--group=0',
  '-czf',
  `${root}build/roamhome.tgz`,
  'roamhome',
]);
