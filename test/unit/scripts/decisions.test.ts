import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test('each decision on record has a number of its own, in its name and its title', () => {
  const files = readdirSync('docs/adr').sort();
  const numbers = files.map((file) => Number(/^(\d{4})-[a-z0-9-]+\.md$/.exec(file)?.[1]));
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  const titles = files.map((file) => readFileSync(`docs/adr/${file}`, 'utf8').split('\n', 1)[0]);
  expect(titles.map((title) => Number(/^# (\d+)\. \S/.exec(title ?? '')?.[1]))).toEqual(numbers);
});

test('no page has the marks that a merge leaves', () => {
  const pages = [
    'README.md',
    'CHANGELOG.md',
    ...readdirSync('docs', { recursive: true, encoding: 'utf8' }).map((name) => `docs/${name}`),
  ];
  const marked = pages.filter(
    (page) => page.endsWith('.md') && /^(<{7} |={7}$|>{7} )/m.test(readFileSync(page, 'utf8')),
  );
  expect(marked).toEqual([]);
});
