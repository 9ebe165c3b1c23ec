// The demo on the simulator: bundles the story and the simulator's zfs, and runs the one with the other.
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = new URL('..', import.meta.url).pathname;
const outdir = join(root, 'build/demo');
await build({
  absWorkingDir: root,
  entryPoints: { demo: 'src/demo/main.ts', zfs: 'src/simulator/main.ts' },
  outdir,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  // What is CommonJS in the packages asks for require.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});
const { status } = spawnSync(process.execPath, [join(outdir, 'demo.mjs'), join(outdir, 'zfs.mjs')], {
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
