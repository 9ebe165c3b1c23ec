// Bundles modules of src/demo, for plain Node to run from build/NAME.
import { build } from 'esbuild';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

async function bundle(name, entryPoints) {
  const outdir = join(root, 'build', name);
  await build({
    absWorkingDir: root,
    entryPoints,
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
  return outdir;
}

/** Returns what src/demo/NAME.ts exports, and the path of the simulator's zfs. */
export async function bundleDemo(name) {
  const outdir = await bundle(name, { demo: `src/demo/${name}.ts`, zfs: 'src/simulator/main.ts' });
  return { exports: await import(join(outdir, 'demo.mjs')), simulator: join(outdir, 'zfs.mjs') };
}

/** Returns what src/demo/play.ts exports, and the programs of the playground's machines. */
export async function bundlePlayground() {
  const outdir = await bundle('playground', {
    play: 'src/demo/play.ts',
    zfs: 'src/simulator/main.ts',
    roamhome: 'src/cli/run.ts',
  });
  const programs = { simulator: join(outdir, 'zfs.mjs'), roamhome: join(outdir, 'roamhome.mjs') };
  return { exports: await import(join(outdir, 'play.mjs')), programs };
}
