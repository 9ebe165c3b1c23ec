// Makes build/roamhome.tgz: all that a Mac needs besides Node, to be unpacked into a directory of its own
// (/usr/local/lib/roamhome). Built first: npm run build.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';

const root = new URL('..', import.meta.url).pathname;
const stage = `${root}build/roamhome`;

/** What is not bundled, with what it needs at run time. */
function closure(names, found = new Set()) {
  for (const name of names) {
    if (found.has(name)) continue;
    found.add(name);
    const { dependencies = {} } = JSON.parse(
      readFileSync(`${root}node_modules/${name}/package.json`, 'utf8'),
    );
    closure(Object.keys(dependencies), found);
  }
  return [...found];
}

if (!existsSync(`${root}dist/main.js`)) throw new Error('dist/ is missing: npm run build');
rmSync(stage, { recursive: true, force: true });
mkdirSync(stage, { recursive: true });
for (const part of ['dist', 'hooks', 'launchd', 'package.json', 'LICENSE', 'README.md', 'CHANGELOG.md']) {
  cpSync(`${root}${part}`, `${stage}/${part}`, { recursive: true });
}
// The compiler's leavings are four times what runs.
const unneeded = /\/(test|examples|src|obj\.target|\.deps)(\/|$)|\.(gyp|mk|cc|h|o|o\.d)$/;
for (const name of closure(['ssh2'])) {
  const from = `${root}node_modules/${name}`;
  cpSync(from, `${stage}/node_modules/${name}`, {
    recursive: true,
    filter: (path) => !unneeded.test(path.slice(from.length)),
  });
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
