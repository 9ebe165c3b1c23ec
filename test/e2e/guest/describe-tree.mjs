// Prints a line for each entry of a directory tree, with everything that two equal homes must have equal: type, mode,
// owner, size, times, links, content, extended attributes and ACLs. Runs as root in a lab guest.
//   node describe-tree.mjs DIR
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';

const dir = process.argv[2];
const firstNames = new Map();
const lines = [];

const shown = (name) => JSON.stringify(name.toString('latin1'));

function contentOf(path, size) {
  const hash = createHash('sha256');
  const fd = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW);
  const buffer = Buffer.alloc(1 << 20);
  // A sparse file of gigabytes: its end and its middle tell as much as its zeros.
  const stride = size > 2 ** 30 ? 64 << 20 : 1 << 20;
  for (let at = 0; at < size; at += stride) {
    const read = fs.readSync(fd, buffer, 0, buffer.length, at);
    hash.update(`${at}:`).update(buffer.subarray(0, read));
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
  ];
  if (stat.isFile()) {
    facts.push(`size=${stat.size}`);
    const first = firstNames.get(stat.ino);
    if (first === undefined) {
      firstNames.set(stat.ino, name);
      facts.push(`sha256=${contentOf(path, Number(stat.size))}`);
    } else facts.push(`same-as=${shown(first)}`);
    if (stat.size > 2n ** 30n) facts.push(`sparse=${stat.blocks * 512n < stat.size / 2n}`);
  } else if (stat.isSymbolicLink()) {
    facts.push(`to=${shown(fs.readlinkSync(path, { encoding: 'buffer' }))}`);
  }
  lines.push(`${shown(name)} ${facts.join(' ')}`);
  if (!stat.isDirectory()) return;
  const entries = fs.readdirSync(path, { encoding: 'buffer' }).sort(Buffer.compare);
  for (const entry of entries) {
    visit(
      Buffer.concat([path, Buffer.from('/'), entry]),
      name.length === 0 ? entry : Buffer.concat([name, Buffer.from('/'), entry]),
    );
  }
}

function attributes(program, args) {
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: dir,
    maxBuffer: 1 << 29,
    env: { LC_ALL: 'C', PATH: process.env.PATH },
  });
  if (status !== 0) throw new Error(`${program}: ${stderr}`);
  return stdout.toString('latin1').split('\n\n').sort();
}

visit(Buffer.from(dir), Buffer.alloc(0));
lines.push(...attributes('getfattr', ['-R', '-P', '-h', '-d', '-m', '-', '-e', 'hex', '.']));
lines.push(...attributes('getfacl', ['-R', '-P', '-n', '-s', '-p', '.']));
process.stdout.write(`${lines.join('\n')}\n`);
