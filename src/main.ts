#!/usr/bin/env node
import { version } from './cli/version.ts';
import { loadProgram } from './load-program.ts';

const args = process.argv.slice(2);
// Asked by scripts and fleet management all the time: answered without loading anything.
if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) process.stdout.write(`${version}\n`);
else void loadProgram().run(args);
