// Bundles src/ into dist/: the program as one file with V8's code cache beside it, and a small entry that loads it
// (src/start/load-program.ts). Everything is bundled but ssh2's native part, which lies beside it.
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

/**
 * What ssh2 makes ready at each start for what is hardly ever used: ChaCha20-Poly1305 in WebAssembly, which takes longer than all
 * of our own program, is for where there is no addon; and compression is never offered (src/host/ssh/ssh-algorithms.ts).
 */
const readied = {
  './crypto/poly1305.js': `
    let addon = {};
    try { addon = require('./crypto/build/Release/sshcrypto.node'); } catch {}
    const needless = () => { throw new Error('the addon is loaded: nothing is left to WebAssembly'); };
    module.exports = addon.ChaChaPolyCipher && addon.ChaChaPolyDecipher
      ? async () => ({ _malloc: () => 0, cwrap: () => needless })
      : require('./crypto/poly1305.js');`,
  zlib: `
    class None { constructor() { throw new Error('compression is never offered'); } }
    module.exports = { createInflate: () => ({ _handle: Object.create(None.prototype) }), constants: {} };`,
};

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
    onResolve({ filter: /^(\.\/crypto\/poly1305\.js|zlib)$/ }, ({ path, importer, resolveDir, namespace }) =>
      namespace === 'file' && /\/ssh2\/lib\/protocol\/(crypto|zlib)\.js$/.test(importer)
        ? { path, namespace: 'readied', pluginData: { resolveDir } }
        : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'readied' }, ({ path, pluginData: { resolveDir } }) => ({
      contents: readied[path],
      resolveDir,
    }));
  },
};

/**
 * What is loaded once it is asked for, for what its loading costs at a start that never asks: to lay help out, yargs
 * makes a segmenter and expressions for emoji, a third of a start; execa's names of signals are a table of them all.
 */
const lazyModules = {
  cliui: { importer: 'yargs/lib/platform-shims/esm.mjs', contents: lazyFunctions('cliui', ['default']) },
  'string-width': {
    importer: 'yargs/lib/platform-shims/esm.mjs',
    contents: lazyFunctions('string-width', ['default']),
  },
  assert: {
    importer: 'yargs/lib/platform-shims/esm.mjs',
    contents: lazyFunctions('assert', ['notStrictEqual', 'strictEqual']),
  },
  'human-signals': {
    importer: 'execa/lib/',
    contents: `export const signalsByName = new Proxy({}, { get: (_, name) => require('human-signals').signalsByName[name] });`,
  },
};

function lazyFunctions(module, names) {
  const body = (name) => `(...words) => require('${module}').${name}(...words);`;
  return names
    .map((name) =>
      name === 'default' ? `export default ${body(name)}` : `export const ${name} = ${body(name)}`,
    )
    .join('\n');
}

const lazily = {
  name: 'lazily',
  setup({ onResolve, onLoad }) {
    const filter = new RegExp(`^(${Object.keys(lazyModules).join('|')})$`);
    onResolve({ filter }, ({ path, importer, resolveDir, namespace }) =>
      namespace === 'file' && importer.includes(`/node_modules/${lazyModules[path].importer}`)
        ? { path, namespace: 'lazy', pluginData: { resolveDir } }
        : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'lazy' }, ({ path, pluginData: { resolveDir } }) => ({
      contents: lazyModules[path].contents,
      resolveDir,
    }));
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
  entryPoints: { program: 'src/start/program.ts' },
  outdir: dist,
  plugins: [nativeParts, lazily],
  define: {
    ROAMHOME_VERSION: JSON.stringify(version),
    'import.meta.url': 'importMetaUrl',
    // The same clock, from another zero; the first look at `performance` loads a dozen of Node's modules.
    'performance.now': 'monotonicNow',
    // winston's debugging aid comes in two: this one loads nothing.
    'process.env.NODE_ENV': '"production"',
  },
  banner: {
    js: "const importMetaUrl=require('node:url').pathToFileURL(__filename).href,monotonicNow=()=>Number(process.hrtime.bigint())/1e6;",
  },
});
const built = join(dist, 'program.js');
// src/start/load-program.ts calls it with what Node gives a module.
const wrapped = `(function (exports, require, module, __filename, __dirname) {${readFileSync(built, 'utf8')}\n})`;
const hash = createHash('sha256').update(wrapped).digest('hex').slice(0, 16);
const program = `program-${hash}.js`;
writeFileSync(join(dist, program), wrapped);
rmSync(built);

await build({
  ...common,
  entryPoints: ['src/main.ts'],
  outfile: join(dist, 'main.js'),
  define: { ROAMHOME_VERSION: JSON.stringify(version), ROAMHOME_PROGRAM: JSON.stringify(program) },
});
// The server's forced command, on its own and as it can be read: the server's admin lets it through sshd.
const readable = { minifySyntax: false, minifyWhitespace: false };
await build({ ...common, ...readable, entryPoints: { gate: 'src/gate/main.ts' }, outdir: dist });
// With the flags of main.ts's first line: V8 refuses a cache that was made with others.
const [, flags] = /^#!\S+ -S .*\bnode (.+)$/m.exec(readFileSync(join(root, 'src/main.ts'), 'utf8'));
execFileSync(
  process.execPath,
  [...flags.split(' '), join(root, 'scripts/code-cache.mjs'), join(dist, program)],
  { stdio: 'inherit' },
);
