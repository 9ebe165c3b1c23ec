// Prints a line for each entry of a directory tree, with everything that two equal homes must have equal: type, mode,
// owner, size, times, links, content, extended attributes and ACLs. Runs as root in a lab guest.
//   node describe-tree.mjs DIR
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';

const dir = process.argv[2];
const firstNames = new Map();
const lines = [];
const buffer = Buffer.alloc(1 << 20);
const zeros = Buffer.alloc(buffer.length);

/** Bytes as bytes: names that differ only in their Unicode form must look different. */
const shown = (name) => JSON.stringify(name.toString('latin1'));

/** Every byte is read. What is all zeros is not hashed, or a sparse file would cost as much as its size. */
function contentOf(path) {
  const hash = createHash('md5');
  const fd = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW);
  for (let at = 0; ;) {
    const length = fs.readSync(fd, buffer, 0, buffer.length, at);
    if (length === 0) break;
    if (buffer.compare(zeros, 0, length, 0, length) !== 0) {
      if (at > 0) hash.update(`${at}:`);
      hash.update(length === buffer.length ? buffer : buffer.subarray(0, length));
    }
    at += length;
    // Nearly every file ends here: no second read to be told so.
    if (length < buffer.length) break;
  }
  fs.closeSync(fd);
  return hash.digest('hex');
}

function visit(path, name) {
  const stat = fs.lstatSync(path, { bigint: true });
  const facts = [
    `mode=${stat.mode.toString(8)}`,
    `owner=${stat.uid}:${stat.gid}`,
    `links=${stat.nlink}`,
    `mtime=${stat.mtimeNs}`,
    `ctime=${stat.ctimeNs}`,
  ];
  if (stat.isFile()) {
    facts.push(`size=${stat.size}`);
    const id = `${stat.dev}:${stat.ino}`;
    const first = stat.nlink === 1n ? undefined : firstNames.get(id);
    if (first === undefined) {
      if (stat.nlink > 1n) firstNames.set(id, name);
      facts.push(`md5=${contentOf(path)}`);
    } else facts.push(`same-as=${shown(first)}`);
    if (stat.size > 1n << 20n) facts.push(`sparse=${stat.blocks * 512n < stat.size / 2n}`);
  } else if (stat.isSymbolicLink()) {
    facts.push(`to=${shown(fs.readlinkSync(path, { encoding: 'buffer' }))}`);
  }
  lines.push(`${shown(name)} ${facts.join(' ')}`);
  if (!stat.isDirectory()) return;
  for (const entry of fs.readdirSync(path, { encoding: 'buffer' }).sort(Buffer.compare)) {
    visit(
      Buffer.concat([path, Buffer.from('/'), entry]),
      name.length === 0 ? entry : Buffer.concat([name, Buffer.from('/'), entry]),
    );
  }
}

/** A record for each path that has any, as one line. */
function attributes(program, args) {
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: dir,
    maxBuffer: 1 << 29,
    env: { LC_ALL: 'C', PATH: process.env.PATH },
  });
  if (status !== 0) throw new Error(`${program}: ${stderr}`);
  return stdout
    .toString('latin1')
    .split('\n\n')
    .filter((record) => record !== '')
    .map((record) => `${program}: ${record.replaceAll('\n', ' | ')}`)
    .sort();
}

// How many blocks a file takes is known once they are written.
spawnSync('sync');
visit(Buffer.from(dir), Buffer.alloc(0));
lines.push(...attributes('getfattr', ['-R', '-P', '-h', '-d', '-m', '-', '-e', 'hex', '.']));
lines.push(...attributes('getfacl', ['-R', '-P', '-n', '-s', '-p', '.']));
process.stdout.write(`${lines.join('\n')}\n`);
