// Changes a home as a session would, by a seed: makes, overwrites, appends, removes, renames, links, and gives odd names,
// modes and attributes. Runs as root in a lab guest; all is the user's at the end.
//   node soak-edit.mjs DIR UID GID SEED
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import * as fs from 'node:fs';

const [, , dir, uid, gid, seed] = process.argv;

let state = createHash('sha256').update(`edit ${seed}`).digest().readUInt32LE(0);
/** mulberry32: the same numbers for the same seed. */
function random(below) {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) % below;
}
const oneOf = (list) => list[random(list.length)];

const names = [
  'plain',
  ' blank in front and behind ',
  'line\nbreak',
  'tab\there',
  '"quotes" and \'quotes\'',
  'back\\slash',
  'cafe\u0301',
  '\u{1f3e0}',
  '-dash',
  'x'.repeat(200),
];

/** What is there by now, as paths from the home on. */
function all(wanted) {
  const found = [];
  for (const entry of fs.readdirSync(dir, { recursive: true, withFileTypes: true })) {
    const path = `${entry.parentPath ?? entry.path}/${entry.name}`;
    if (
      entry.isSymbolicLink() ? wanted === 'link' : entry.isDirectory() ? wanted === 'dir' : wanted === 'file'
    )
      found.push(path);
  }
  return found.sort();
}

const somewhere = () => oneOf([dir, ...all('dir')]);
const fresh = () => `${somewhere()}/${oneOf(names)}-${seed}-${random(1000)}`;
const content = () => randomBytes(1 + random(oneOf([10, 2000, 300_000])));

const edits = [
  () => fs.writeFileSync(fresh(), content()),
  () => fs.writeFileSync(fresh(), content()),
  () => fs.mkdirSync(fresh()),
  () => withFile((path) => fs.writeFileSync(path, content())),
  () => withFile((path) => fs.appendFileSync(path, content())),
  () => withFile((path) => fs.rmSync(path)),
  () => withFile((path) => fs.renameSync(path, fresh())),
  () => withFile((path) => fs.linkSync(path, fresh())),
  () => withFile((path) => fs.chmodSync(path, oneOf([0o600, 0o644, 0o755, 0o000]))),
  () => withFile((path) => execFileSync('setfattr', ['-n', 'user.tag', '-v', `${random(9)}`, '--', path])),
  () => fs.symlinkSync(oneOf(['/nowhere', '../x', 'greeting']), fresh()),
  () => {
    const from = oneOf([...all('dir'), null]);
    if (from !== null) fs.renameSync(from, `${dir}/moved-${seed}-${random(1000)}`);
  },
  // The same size, and the same time as before: only the content tells.
  () =>
    withFile((path) => {
      const { size, mtime } = fs.statSync(path);
      fs.writeFileSync(path, randomBytes(Math.min(size, 300_000)));
      fs.utimesSync(path, mtime, mtime);
    }),
];

function withFile(change) {
  const files = all('file');
  if (files.length > 0) change(oneOf(files));
}

for (let count = 3 + random(8); count > 0; count--) oneOf(edits)();
fs.writeFileSync(`${dir}/session`, `${seed}\n`);
execFileSync('chown', ['-hR', `${uid}:${gid}`, dir]);
execFileSync('sync');
