// Fills a directory with what real homes have, or changes it. Runs as root in a lab guest.
//   node make-home.mjs fill DIR UID GID | node make-home.mjs change DIR UID GID SEED
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { join } from 'node:path';

const [, , what, dir, uidText, gidText, seed = '0'] = process.argv;
const [uid, gid] = [Number(uidText), Number(gidText)];

/** Bytes that do not compress, the same for the same words. */
function noise(words, size) {
  const blocks = [];
  for (let i = 0, have = 0; have < size; i++, have += 64) {
    blocks.push(createHash('sha512').update(`${words}:${i}`).digest());
  }
  return Buffer.concat(blocks).subarray(0, size);
}

function write(path, data, mode = 0o644) {
  fs.mkdirSync(join(path, '..'), { recursive: true });
  fs.writeFileSync(path, data);
  fs.chmodSync(path, mode);
}

function bigFile(path, mebibytes) {
  const fd = fs.openSync(path, 'w');
  const block = noise(path, 1 << 20);
  for (let i = 0; i < mebibytes; i++) {
    block.writeUInt32LE(i, 0);
    fs.writeSync(fd, block);
  }
  fs.closeSync(fd);
}

function fill() {
  for (let i = 0; i < 10_000; i++) {
    const path = join(dir, 'Documents', `d${i % 50}`, `e${i % 7}`, `file-${i}.txt`);
    write(path, noise(`file ${i}`, (i * 37) % 3000));
  }
  write(join(dir, ...Array.from({ length: 60 }, (_, i) => `deep${i}`), 'bottom'), 'deep down');
  write(join(dir, 'links', 'one'), 'one file, three names');
  fs.linkSync(join(dir, 'links', 'one'), join(dir, 'links', 'two'));
  fs.linkSync(join(dir, 'links', 'one'), join(dir, 'Documents', 'three'));
  fs.symlinkSync('one', join(dir, 'links', 'relative'));
  fs.symlinkSync('/nowhere/at all', join(dir, 'links', 'dangling'));
  fs.symlinkSync(Buffer.from('non-utf8-\xff\xfe', 'latin1'), join(dir, 'links', 'odd-target'));
  const sparse = fs.openSync(join(dir, 'sparse.img'), 'w');
  fs.ftruncateSync(sparse, 4 * 2 ** 30);
  fs.writeSync(sparse, noise('sparse', 4096), 0, 4096, 3 * 2 ** 30);
  fs.closeSync(sparse);
  const names = [
    'caf\u00e9 NFC',
    'cafe\u0301 NFD',
    'with space',
    'new\nline',
    ' leading',
    'trailing ',
    'quote\'"`$x',
    '-rf',
    '*?[',
    '日本語',
    '\u{1f600}',
  ];
  for (const name of names) write(join(dir, 'names', name), name);
  fs.writeFileSync(
    Buffer.concat([Buffer.from(`${dir}/names/not-utf8-`), Buffer.from([0xff, 0xfe])]),
    'bytes',
  );
  fs.writeFileSync(join(dir, 'names', 'n'.repeat(255)), 'long');
  for (const name of ['empty', 'empty/in/empty']) fs.mkdirSync(join(dir, name), { recursive: true });
  for (const mode of [0o000, 0o400, 0o600, 0o777, 0o4755, 0o2755, 0o1644])
    write(join(dir, 'modes', `f${mode.toString(8)}`), 'mode', mode);
  fs.mkdirSync(join(dir, 'modes', 'sticky'));
  fs.mkdirSync(join(dir, 'modes', 'closed'));
  write(join(dir, 'empty-file'), '');
  write(join(dir, 'xattrs', 'few'), 'x');
  write(join(dir, 'xattrs', 'large'), 'x');
  write(join(dir, 'acls', 'file'), 'acl');
  execFileSync('mkfifo', [join(dir, 'fifo')]);
  bigFile(join(dir, 'big.bin'), 300);
  own();
  attributes();
  fs.utimesSync(join(dir, 'empty-file'), 1, 2);
  fs.utimesSync(join(dir, 'names'), 946684800, 946684800.123456);
}

function attributes() {
  const set = (path, name, value) => execFileSync('setfattr', ['-h', '-n', name, '-v', value, path]);
  set(join(dir, 'xattrs', 'few'), 'user.com.apple.metadata', '0x00010203ff');
  set(join(dir, 'xattrs', 'few'), 'user.note', 'with space and\nnewline');
  set(join(dir, 'xattrs', 'large'), 'user.large', `0x${noise('xattr', 30_000).toString('hex')}`);
  set(join(dir, 'xattrs'), 'user.on-a-directory', 'yes');
  set(join(dir, 'links', 'dangling'), 'trusted.on-a-link', 'yes');
  execFileSync('setfacl', ['-m', 'u:2002:rwx,g:2100:r--,m::rwx', join(dir, 'acls', 'file')]);
  execFileSync('setfacl', ['-m', 'd:u:2002:r-x', join(dir, 'acls')]);
  fs.chmodSync(join(dir, 'modes', 'sticky'), 0o1777);
  fs.chmodSync(join(dir, 'modes', 'closed'), 0o000);
  fs.chmodSync(dir, 0o700);
}

function change() {
  for (let i = 0; i < 500; i++) {
    const path = join(dir, 'Documents', `d${i % 50}`, `e${i % 7}`, `file-${i}.txt`);
    if (fs.existsSync(path)) fs.appendFileSync(path, `session ${seed}\n`);
  }
  for (let i = 1000 * Number(seed) + 1000; i < 1000 * Number(seed) + 1300; i++) {
    fs.rmSync(join(dir, 'Documents', `d${i % 50}`, `e${i % 7}`, `file-${i}.txt`), { force: true });
  }
  fs.renameSync(join(dir, 'Documents', `d${seed}`), join(dir, `renamed-${seed}`));
  for (let i = 0; i < 200; i++) write(join(dir, `new-${seed}`, `${i}`), noise(`new ${seed} ${i}`, i * 10));
  fs.renameSync(join(dir, 'names', 'with space'), join(dir, 'names', `with space ${seed}`));
  fs.renameSync(join(dir, 'names', `with space ${seed}`), join(dir, 'names', 'with space'));
  const big = fs.openSync(join(dir, 'big.bin'), 'r+');
  fs.writeSync(big, noise(`big ${seed}`, 1 << 20), 0, 1 << 20, (Number(seed) * 7 + 3) << 20);
  if (seed === '2') fs.ftruncateSync(big, 290 << 20);
  fs.closeSync(big);
  fs.rmSync(join(dir, 'empty', 'in'), { recursive: true, force: true });
  fs.mkdirSync(join(dir, 'empty', `again-${seed}`));
  fs.linkSync(join(dir, 'links', 'one'), join(dir, 'links', `more-${seed}`));
  if (seed === '2') fs.unlinkSync(join(dir, 'links', 'two'));
  execFileSync('setfattr', ['-n', 'user.session', '-v', seed, join(dir, 'xattrs', 'few')]);
  execFileSync('setfacl', ['-m', `u:${3000 + Number(seed)}:r--`, join(dir, 'acls', 'file')]);
  fs.chmodSync(join(dir, 'modes', 'f600'), 0o600 | Number(seed));
  fs.utimesSync(join(dir, 'empty-file'), Number(seed), 1000 + Number(seed));
  for (const made of [`new-${seed}`, `empty/again-${seed}`])
    execFileSync('chown', ['-Rh', `${uid}:${gid}`, join(dir, made)]);
}

function own() {
  execFileSync('chown', ['-Rh', `${uid}:${gid}`, dir]);
  // chown clears the set-id bits.
  for (const mode of [0o4755, 0o2755]) fs.chmodSync(join(dir, 'modes', `f${mode.toString(8)}`), mode);
}

if (what === 'fill') fill();
else if (what === 'change') change();
else throw new Error(`no such task: ${what}`);
