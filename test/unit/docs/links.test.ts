import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../../support/texts.ts';

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((name) => statSync(join(root, name)).isFile());
const inRoot = readdirSync(root).filter((name) => name.endsWith('.md'));
const pages = [...inRoot, ...filesBelow('docs'), ...['launchd', 'systemd', 'xdg'].flatMap(filesBelow)].filter(
  (name) => name.endsWith('.md'),
);

/** The anchors that GitHub gives to the headings of a page. */
function anchorsOf(text: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [, heading = ''] of text.replaceAll(/^ *```[^]*?^ *```$/gm, '').matchAll(/^#+ (.*)$/gm)) {
    const plain = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-');
    let anchor = plain;
    for (let count = 1; found.has(anchor); count++) anchor = `${plain}-${count}`;
    found.add(anchor);
  }
  return found;
}

const readPage = (name: string): string => readFileSync(join(root, name), 'utf8');

describe('links', () => {
  test.each(pages)('of %s lead to a file, and to a heading of it', (page) => {
    const text = readPage(page)
      .replaceAll(/^ *```[^]*?^ *```$/gm, '')
      .replaceAll(/`[^`\n]*`/g, '');
    const broken = [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = '']) => {
      if (/^[a-z]+:/.test(link)) return [];
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? page : join(dirname(page), path);
      if (!existsSync(join(root, target)) || relative('.', target).startsWith('..')) return [link];
      return anchor === undefined || anchorsOf(readPage(target)).has(anchor) ? [] : [link];
    });
    expect(broken).toEqual([]);
  });
});

test('pages that the program, its tests and its scripts name are there', () => {
  const sources = ['src', 'test', 'scripts', 'hooks', 'launchd', 'systemd', 'xdg'].flatMap(filesBelow);
  const named = sources.flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/\bdocs\/[\w/-]+\.md\b/g)].map(([page]) => ({
      file,
      page,
    })),
  );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter(({ page }) => !existsSync(join(root, page)))).toEqual([]);
});
