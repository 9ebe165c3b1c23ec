// Fills a directory with what real homes have, or changes it as a session would. Runs as root in a lab guest, and
// works as the owner of the home, so that nothing needs a chown afterwards. Processors are emulated there: one pass,
// and hardly a process besides this one.
//   node make-home.mjs fill DIR UID GID | node make-home.mjs change DIR UID GID SESSION
// Sessions are numbered from 1 and come in order.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { join } from 'node:path';

const [, , what, dir, uidText, gidText, sessionText = '0'] = process.argv;
const [uid, gid, session] = [uidText, gidText, sessionText].map(Number);
const mebibyte = 1 << 20;

const noise = Buffer.concat(
  Array.from({ length: mebibyte / 64 }, (_, i) => createHash('sha512').update(`noise ${i}`).digest()),
);

/** Bytes that do not compress, different for each file: what begins with its own name. */
function contentOf(words, size) {
  const name = Buffer.from(`${words}\n`);
  const at = (size * 7919 + name.length * 104_729) % (mebibyte / 2);
  return Buffer.concat([name, noise.subarray(at, at + size)]);
}

const at = (...names) => join(dir, ...names);
const documentOf = (i) => at('Documents', `d${i % 50}`, `e${i % 7}`, `file-${i}.txt`);

function write(path, data, mode) {
  fs.writeFileSync(path, data);
  if (mode !== undefined) fs.chmodSync(path, mode);
}

/** Every MiB is different; an eighth of it does not compress. */
function writeBigFile(path, mebibytes) {
  const block = Buffer.alloc(mebibyte, 'what people write compresses well; ');
  noise.copy(block, 0, 0, mebibyte / 8);
  const fd = fs.openSync(path, 'w');
  for (let i = 0; i < mebibytes; i++) {
    block.writeUInt32LE(i, 0);
    block.writeUInt32LE(i, mebibyte / 2);
    fs.writeSync(fd, block);
  }
  fs.closeSync(fd);
}

function fill() {
  for (let d = 0; d < 50; d++) {
    for (let e = 0; e < 7; e++) fs.mkdirSync(at('Documents', `d${d}`, `e${e}`), { recursive: true });
  }
  for (let i = 0; i < 10_000; i++) write(documentOf(i), contentOf(`file ${i}`, (i * 37) % 3000));
  writeBigFile(at('big.bin'), 300);
  fillDeepAndSparse();
  fillLinks();
  fillNames();
  fillOddities();
  fillAttributes();
}

function fillDeepAndSparse() {
  const deep = at(...Array.from({ length: 60 }, (_, i) => `deep${i}`));
  fs.mkdirSync(deep, { recursive: true });
  write(join(deep, 'bottom'), 'deep down');
  const sparse = fs.openSync(at('sparse.img'), 'w');
  fs.ftruncateSync(sparse, 128 * mebibyte);
  fs.writeSync(sparse, noise, 0, 4096, 77 * mebibyte);
  fs.closeSync(sparse);
}

function fillLinks() {
  fs.mkdirSync(at('links'));
  write(at('links', 'one'), 'one file, three names');
  fs.linkSync(at('links', 'one'), at('links', 'two'));
  fs.linkSync(at('links', 'one'), at('Documents', 'three'));
  fs.symlinkSync('one', at('links', 'relative'));
  fs.symlinkSync('/nowhere/at all', at('links', 'dangling'));
  fs.symlinkSync(Buffer.from('non-utf8-\xff\xfe', 'latin1'), at('links', 'odd-target'));
  fs.symlinkSync('session 0', at('links', 'retargeted'));
}

function fillNames() {
  fs.mkdirSync(at('names'));
  const names = [
    // One word in two forms: Linux keeps both.
    'caf\u00e9',
    'cafe\u0301',
    'with space',
    'new\nline',
    'tab\tand\rreturn',
    ' leading',
    'trailing ',
    'quote\'"`$x\\',
    '-rf',
    '*?[',
    '.hidden',
    '日本語',
    '\u{1f600}',
    'n'.repeat(255),
    'renamed 0',
  ];
  for (const name of names) write(at('names', name), name);
  write(Buffer.concat([Buffer.from(`${at('names')}/not-utf8-`), Buffer.from([0xff, 0xfe])]), 'bytes');
}

function fillOddities() {
  for (const name of ['empty', 'empty/in/empty', 'modes/sticky', 'modes/closed', 'becomes-a-file'])
    fs.mkdirSync(at(name), { recursive: true });
  for (const mode of [0o000, 0o400, 0o600, 0o777, 0o4755, 0o2755, 0o1644])
    write(at('modes', `f${mode.toString(8)}`), 'mode', mode);
  fs.chmodSync(at('modes', 'sticky'), 0o1777);
  fs.chmodSync(at('modes', 'closed'), 0o000);
  write(at('empty-file'), '');
  write(at('becomes-a-directory'), '');
  execFileSync('mkfifo', [at('fifo')]);
  asRoot(() => {
    write(at("root's"), 'left by sudo');
  });
}

const setAttribute = (path, name, value) =>
  execFileSync('setfattr', ['-h', '-n', name, ...(value === null ? [] : ['-v', value]), path]);

function fillAttributes() {
  fs.mkdirSync(at('xattrs'));
  for (const name of ['few', 'large', 'removed']) write(at('xattrs', name), name);
  setAttribute(at('xattrs', 'few'), 'user.com.apple.metadata', '0x00010203ff');
  setAttribute(at('xattrs', 'few'), 'user.note', 'with space and\nnewline');
  setAttribute(at('xattrs', 'few'), 'user.empty', null);
  setAttribute(at('xattrs', 'removed'), 'user.removed', 'soon');
  // ZFS keeps up to 32 KiB of a value in the file's own record, and more in a hidden file (xattr=sa); Linux takes 64 KiB.
  setAttribute(at('xattrs', 'large'), 'user.large', `0x${noise.toString('hex', 0, 30_000)}`);
  setAttribute(at('xattrs', 'large'), 'user.larger', `0x${noise.toString('hex', 0, 60_000)}`);
  setAttribute(at('xattrs'), 'user.on-a-directory', 'yes');
  asRoot(() => setAttribute(at('links', 'dangling'), 'trusted.on-a-link', 'yes'));
  fs.mkdirSync(at('acls'));
  for (const name of ['file', 'removed']) write(at('acls', name), name);
  execFileSync('setfacl', ['-m', 'u:2002:rwx,g:2100:r--,m::rwx', at('acls', 'file'), at('acls', 'removed')]);
  execFileSync('setfacl', ['-m', 'd:u:2002:r-x', at('acls')]);
  write(at('acls', 'inherits'), 'from the directory');
  fs.utimesSync(at('empty-file'), 1, 2);
  fs.utimesSync(at('modes', 'f777'), 946_684_800, 946_684_800.123_456);
  // Not by utimesSync: it takes what is before 1970 for now.
  execFileSync('touch', ['-d', '1969-12-31T00:00:00Z', at('modes', 'f1644')]);
}

/** Changes, renames and deletions; different ones in each session. */
function change() {
  changeDocuments();
  const [before, now] = [session - 1, session];
  fs.renameSync(at('names', `renamed ${before}`), at('names', `renamed ${now}`));
  fs.renameSync(at('Documents', `d${now}`), at(`renamed-${now}`));
  fs.renameSync(at('links', 'two'), at('empty', 'passing by'));
  fs.renameSync(at('empty', 'passing by'), at('links', 'two'));
  fs.linkSync(at('links', 'one'), at('links', `more-${now}`));
  if (now === 2) fs.unlinkSync(at('Documents', 'three'));
  fs.unlinkSync(at('links', 'retargeted'));
  fs.symlinkSync(`session ${now}`, at('links', 'retargeted'));
  changeBigFiles();
  fs.rmSync(at('empty', 'in'), { recursive: true, force: true });
  fs.mkdirSync(at('empty', `again-${now}`));
  if (now === 2) swapTypes();
  changeAttributes();
}

function changeDocuments() {
  for (let i = 0; i < 500; i++) {
    if (fs.existsSync(documentOf(i))) fs.appendFileSync(documentOf(i), `session ${session}\n`);
  }
  for (let i = 1000 * session; i < 1000 * session + 300; i++) fs.rmSync(documentOf(i), { force: true });
  fs.mkdirSync(at(`new-${session}`));
  for (let i = 0; i < 200; i++) write(at(`new-${session}`, `${i}`), contentOf(`new ${session} ${i}`, i * 10));
}

function changeBigFiles() {
  const big = fs.openSync(at('big.bin'), 'r+');
  fs.writeSync(big, noise, session, mebibyte / 2, (session * 7 + 3) * mebibyte);
  if (session === 2) fs.ftruncateSync(big, 290 * mebibyte);
  if (session === 3) fs.ftruncateSync(big, 310 * mebibyte);
  fs.closeSync(big);
  const sparse = fs.openSync(at('sparse.img'), 'r+');
  fs.writeSync(sparse, noise, session, 5000, session * 30 * mebibyte + 17);
  fs.closeSync(sparse);
}

function swapTypes() {
  fs.rmdirSync(at('becomes-a-file'));
  write(at('becomes-a-file'), 'now');
  fs.unlinkSync(at('becomes-a-directory'));
  fs.mkdirSync(at('becomes-a-directory'));
  fs.rmSync(at('deep0', 'deep1', 'deep2', 'deep3'), { recursive: true });
}

function changeAttributes() {
  setAttribute(at('xattrs', 'few'), 'user.session', String(session));
  execFileSync('setfacl', ['-m', `u:${3000 + session}:r--`, at('acls', 'file')]);
  if (session === 2) {
    execFileSync('setfattr', ['-x', 'user.removed', at('xattrs', 'removed')]);
    execFileSync('setfacl', ['-b', at('acls', 'removed')]);
  }
  fs.chmodSync(at('modes', 'f600'), 0o600 | session);
  fs.utimesSync(at('empty-file'), session, 1000 + session);
}

function asRoot(work) {
  process.seteuid(0);
  process.setegid(0);
  work();
  process.setegid(gid);
  process.seteuid(uid);
}

process.umask(0o022);
process.setgroups([]);
process.setegid(gid);
process.seteuid(uid);
if (what === 'fill') fill();
else if (what === 'change') change();
else throw new Error(`no such task: ${what}`);
