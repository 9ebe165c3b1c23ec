// Bundles a module of src/demo and the simulator's zfs, for plain Node to run from build/NAME.
import { build } from 'esbuild';
import { join } from 'node:path';

/** Returns what src/demo/NAME.ts exports, and the path of the simulator's zfs. */
export async function bundleDemo(name) {
  const root = join(import.meta.dirname, '..');
  const outdir = join(root, 'build', name);
  await build({
    absWorkingDir: root,
    entryPoints: { demo: `src/demo/${name}.ts`, zfs: 'src/simulator/main.ts' },
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
  return { exports: await import(join(outdir, 'demo.mjs')), simulator: join(outdir, 'zfs.mjs') };
}
