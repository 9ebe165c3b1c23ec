// node swap-when.mjs TEXT TARGET PLACE: as the user, waits until TEXT is in the table of mounts, puts a symlink to TARGET in the place of an
// empty directory, and the directory back once TEXT is gone.
import fs from 'node:fs';

const [text, target, place] = process.argv.slice(2);
const isThere = () => fs.readFileSync('/proc/self/mountinfo', 'utf8').includes(text);
const pause = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
console.log('waiting');
while (!isThere()) pause();
fs.rmdirSync(place);
fs.symlinkSync(target, place);
console.log('swapped');
while (isThere()) pause();
fs.unlinkSync(place);
fs.mkdirSync(place);
