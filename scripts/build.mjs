// Bundles src/ into dist/: the program as one file with V8's code cache beside it, and a small entry that loads it
// (src/load-program.ts). Everything is bundled but ssh2's native part, which lies beside it.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const root = new URL('..', import.meta.url).pathname;
const dist = join(root, 'dist');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const native = join(root, 'node_modules/ssh2/lib/protocol/crypto/build/Release/sshcrypto.node');

/** Parts of ssh2 that a client of ours never uses, and that load http, https and more. */
const unusedParts = /\/(http-agents|server|keygen)\.js$/;

/** ssh2 tries its addon and cpu-features in a try block each, and does without what is not there. */
const nativeParts = {
  name: 'native-parts',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /sshcrypto\.node$/ }, () => ({ path: './sshcrypto.node', external: true }));
    onResolve({ filter: /^cpu-features$/ }, () => ({ path: 'cpu-features', external: true }));
    onResolve({ filter: unusedParts }, ({ path, importer }) =>
      importer.endsWith('/ssh2/lib/index.js') ? { path, namespace: 'unused' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'unused' }, () => ({ contents: 'module.exports = {};' }));
  },
};

const common = {
  absWorkingDir: root,
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20.19',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'linked',
  logLevel: 'warning',
};

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
// The package is of ES modules; what is built for speed is not.
writeFileSync(join(dist, 'package.json'), '{ "type": "commonjs" }\n');
if (existsSync(native)) copyFileSync(native, join(dist, 'sshcrypto.node'));
else console.error('build: ssh2 has no native part here (npm rebuild ssh2); transfers will be slow');

await build({
  ...common,
  entryPoints: { program: 'src/cli/run.ts' },
  outdir: dist,
  plugins: [nativeParts],
  define: { ROAMHOME_VERSION: JSON.stringify(version), 'import.meta.url': 'importMetaUrl' },
  banner: { js: "const importMetaUrl=require('node:url').pathToFileURL(__filename).href;" },
});
const built = join(dist, 'program.js');
const hash = createHash('sha256').update(readFileSync(built)).digest('hex').slice(0, 16);
const program = `program-${hash}.js`;
copyFileSync(built, join(dist, program));
rmSync(built);

await build({
  ...common,
  entryPoints: ['src/main.ts'],
  outfile: join(dist, 'main.js'),
  define: { ROAMHOME_VERSION: JSON.stringify(version), ROAMHOME_PROGRAM: JSON.stringify(program) },
});
execFileSync(process.execPath, [join(root, 'scripts/code-cache.mjs'), join(dist, program)], {
  stdio: 'inherit',
});
