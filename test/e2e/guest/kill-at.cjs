// Loaded into Roamhome (killable.ts) in a lab guest: ends it as `kill -9` does when it is about to run its
// command number KILL_AT, counting what its log says it runs; without KILL_AT, writes how many there were to KILL_COUNT.
// Only commands that change something count, unless KILL_READS is set: before and after one that only reads, the
// disks of both sides are the same.
const fs = require('node:fs');

const at = Number(process.env.KILL_AT ?? 0);
const counts =
  process.env.KILL_READS === undefined ? /"event":"command".*"mutates":true/ : /"event":"command"/;
// The last one that is killed has run them all, and has only to say so.
const isDone = /"event":"(login|logout)-done"/;
const { writeSync } = fs;
let commands = 0;

fs.writeSync = (descriptor, data, ...rest) => {
  const written = writeSync(descriptor, data, ...rest);
  const text = String(data);
  if (counts.test(text) || isDone.test(text)) {
    commands += 1;
    if (commands === at) process.kill(process.pid, 'SIGKILL');
    if (isDone.test(text) && process.env.KILL_COUNT !== undefined)
      fs.writeFileSync(process.env.KILL_COUNT, String(commands));
  }
  return written;
};
