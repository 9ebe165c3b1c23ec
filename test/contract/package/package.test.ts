import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
let place: string;
let told: string;

const make = (script: string): string =>
  execFileSync(process.execPath, [join(place, 'scripts', script)], { encoding: 'utf8' });

/** A copy of the project, so that nothing of it is built over. */
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'roamhome-package-'));
  for (const part of readdirSync(root))
    if (!['.git', 'node_modules', 'dist', 'build', 'coverage'].includes(part))
      cpSync(join(root, part), join(place, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(place, 'node_modules'));
  make('build.mjs');
  told = make('package.mjs');
}, 600_000);
afterAll(() => {
  rmSync(place, { recursive: true });
});

const archive = (): string => {
  const [, name = ''] = / {2}(build\/roamhome-.*\.tgz)\n$/.exec(told) ?? [];
  return join(place, name);
};

test('it is named by version, system and processor, and the same files make the same archive', () => {
  const native = existsSync(join(place, 'dist/sshcrypto.node'));
  expect(archive()).toBe(
    join(place, `build/roamhome-${version}-${native ? `${process.platform}-${process.arch}` : 'any'}.tgz`),
  );
  expect(make('package.mjs')).toBe(told);
});

/** Debian's own, and that of macOS and FreeBSD (libarchive-tools). */
const tars = ['tar', 'bsdtar'].filter((program) => spawnSync(program, ['--version']).status === 0);

test.each(tars)('%s unpacks it, and what comes out runs, also with an addon of another system', (program) => {
  const into = join(place, `by-${program}`);
  mkdirSync(into);
  execFileSync(program, ['-C', into, '-xzf', archive()]);
  const main = join(into, 'roamhome/dist/main.js');
  const run = (...words: readonly string[]) => spawnSync(process.execPath, words, { encoding: 'utf8' });
  expect(run(main, '--version').stdout).toBe(`${version}\n`);
  // As Linux's addon is to a Mac.
  writeFileSync(join(into, 'roamhome/dist/sshcrypto.node'), 'of another system');
  expect(run(main, 'schedule', 'explain', '1d=>1h')).toMatchObject({ status: 0, stderr: '' });
});

test('the guide, the reference and every page that its README links to are in it', () => {
  const inside = join(place, 'build/roamhome');
  const links = [...readFileSync(join(inside, 'README.md'), 'utf8').matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)];
  expect(links.length).toBeGreaterThan(10);
  for (const page of ['guide/quickstart.md', 'reference/settings.md', 'reference/errors.md'])
    expect(existsSync(join(inside, 'docs', page)), page).toBe(true);
  expect(links.flatMap(([, link = '']) => (existsSync(join(inside, link)) ? [] : [link]))).toEqual([]);
});

test('a Node that is too old is told in one line which is needed', () => {
  const old = join(place, 'old.cjs');
  writeFileSync(old, "Object.defineProperty(process.versions, 'node', { value: '18.20.4' });");
  const main = join(place, 'build/roamhome/dist/main.js');
  const ran = spawnSync(process.execPath, ['-r', old, main, 'login', 'alice'], { encoding: 'utf8' });
  expect(ran).toMatchObject({
    ...{ status: 69, stdout: '' },
    stderr: expect.stringMatching(
      /^roamhome: this is Node 18\.20\.4; Roamhome needs Node 20\.19 or newer: .*\n$/,
    ) as string,
  });
});
