// Makes build/roamhome.tgz: all that a Mac needs besides Node, to be unpacked into a directory of its own
// (/usr/local/lib/roamhome). Built first: npm run build.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';

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
  'xdg',
  'package.json',
  'LICENSE',
  'README.md',
  'CHANGELOG.md',
]) {
  cpSync(`${root}${part}`, `${stage}/${part}`, { recursive: true });
}
// The manual page is made of what the commands declare for --help.
const man = `${stage}/share/man/man8`;
mkdirSync(man, { recursive: true });
writeFileSync(`${man}/roamhome.8`, execFileSync(process.execPath, [`${root}dist/main.js`, 'man']));
execFileSync('tar', [
  '-C',
  `${root}build`,
  '--owner=0',
  '--group=0',
  '-czf',
  `${root}build/roamhome.tgz`,
  'roamhome',
]);
