// The demo: bundles the story and the simulator's zfs, and tells it on the stage that is asked for.
import { build } from 'esbuild';
import { join } from 'node:path';

const root = new URL('..', import.meta.url).pathname;
const outdir = join(root, 'build/demo');
await build({
  absWorkingDir: root,
  entryPoints: { demo: 'src/demo/main.ts', zfs: 'src/simulator/main.ts' },
  outdir,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  // They are found from build/ too; the simulator uses none.
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  logLevel: 'warning',
});
const { main } = await import(join(outdir, 'demo.mjs'));
await main(process.argv.slice(2), { root, simulator: join(outdir, 'zfs.mjs') });
