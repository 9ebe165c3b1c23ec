#!/usr/bin/env -S -u NODE_OPTIONS -u NODE_PATH -u NODE_EXTRA_CA_CERTS -u OPENSSL_CONF -u OPENSSL_MODULES -u LD_PRELOAD -u LD_LIBRARY_PATH node --single-threaded --min-semi-space-size=16
// Root runs this: by those variables whoever fills the environment would have node load a program of theirs. Linux reads 255 bytes.
// V8's helper threads gain a short run nothing, and cost a transfer on a busy processor a tenth of its time (ADR 3).
import { version } from './cli/framework/version.ts';
import { loadProgram } from './start/load-program.ts';
import { oldNode } from './start/node-version.ts';

const args = process.argv.slice(2);
const tooOld = oldNode(process.versions.node);
// Asked by scripts and fleet management all the time: answered without loading anything.
if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) process.stdout.write(`${version}\n`);
else if (tooOld === null) void loadProgram().run(args);
else {
  // What an old Node makes of the program is pages of its source.
  process.stderr.write(`${tooOld}\n`);
  process.exitCode = 69;
}
