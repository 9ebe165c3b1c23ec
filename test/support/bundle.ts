import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

const root = resolve(import.meta.dirname, '../..');

/** Modules of src/ as one file that a plain `node` child process can import; `remove` deletes it. */
export async function bundle(...modules: readonly string[]): Promise<{ path: string; remove: () => void }> {
  // Below node_modules, so that what stays outside of the bundle is found.
  const cache = join(root, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const directory = mkdtempSync(join(cache, 'roamhome-bundle-'));
  const path = join(directory, 'bundle.mjs');
  await build({
    stdin: {
      contents: modules.map((module) => `export * from './src/${module}';`).join('\n'),
      resolveDir: root,
      loader: 'ts',
    },
    bundle: true,
    format: 'esm',
    platform: 'node',
    outfile: path,
    logLevel: 'error',
    external: ['ssh2'],
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  });
  return {
    path,
    remove: () => {
      rmSync(directory, { recursive: true });
    },
  };
}
