// Makes build/roamhome-VERSION-SYSTEM-PROCESSOR.tgz: all that a Mac needs besides Node, to be unpacked into a directory of its own
// (/usr/local/lib/roamhome). Built first: npm run build. Written by npm's own library, for the tar of each system has other
// options; the same files give the same archive.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { create } from 'tar';

const root = new URL('..', import.meta.url).pathname;
const stage = `${root}build/roamhome`;

if (!existsSync(`${root}dist/main.js`)) throw new Error('dist/ is missing: npm run build');
const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
rmSync(stage, { recursive: true, force: true });
mkdirSync(stage, { recursive: true });
for (const part of [
  'dist',
  'docs',
  'hooks',
  'launchd',
  'systemd',
  'xdg',
  'package.json',
  'LICENSE',
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
]) {
  cpSync(`${root}${part}`, `${stage}/${part}`, { recursive: true });
}
// The manual page is made of what the commands declare for --help.
const man = `${stage}/share/man/man8`;
mkdirSync(man, { recursive: true });
writeFileSync(`${man}/roamhome.8`, execFileSync(process.execPath, [`${root}dist/main.js`, 'man']));

// Without the native part nothing in it is of one system.
const isNative = existsSync(`${stage}/dist/sshcrypto.node`);
const file = `roamhome-${version}-${isNative ? `${process.platform}-${process.arch}` : 'any'}.tgz`;
const names = readdirSync(stage, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => `${entry.parentPath}/${entry.name}`.slice(`${root}build/`.length))
  .sort();
// `portable`: no owner, no times but this one; whoever unpacks it, root, owns what comes out.
await create(
  {
    cwd: `${root}build`,
    file: `${root}build/${file}`,
    gzip: { level: 9 },
    portable: true,
    mtime: new Date(0),
  },
  names,
);
// The name that scripts go by.
copyFileSync(`${root}build/${file}`, `${root}build/roamhome.tgz`);
const sum = createHash('sha256')
  .update(readFileSync(`${root}build/${file}`))
  .digest('hex');
console.log(`${sum}  build/${file}`);
