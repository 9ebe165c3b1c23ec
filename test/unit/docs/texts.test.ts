import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { defaultsFor } from '../../../src/config/defaults.ts';
import { leaves } from '../../../src/config/leaves.ts';
import { configFiles } from '../../../src/config/load.ts';
import { EX, listExitCodes } from '../../../src/errors/exit-codes.ts';
import { explanations } from '../../../src/errors/explanations.ts';
import {
  forbiddenPhrases,
  pagesForPeople,
  paragraphsOf,
  read,
  root,
  sentencesOf,
  wordsOf,
} from '../../support/texts.ts';
import { allCommands, metrics, nameOf } from '../../support/docs/reference-text.ts';

describe.each(pagesForPeople())('%s', (page) => {
  const paragraphs = paragraphsOf(read(page));
  const sentences = sentencesOf(paragraphs);

  test('has no phrase that reads as translated', () => {
    const found = sentences.filter((sentence) => forbiddenPhrases.some((phrase) => phrase.test(sentence)));
    expect(found).toEqual([]);
  });

  test('has sentences of 30 words at most, and of 17 on average', () => {
    expect(sentences.length).toBeGreaterThan(0);
    expect(sentences.filter((sentence) => wordsOf(sentence) > 30)).toEqual([]);
    const mean = sentences.reduce((sum, sentence) => sum + wordsOf(sentence), 0) / sentences.length;
    expect(mean).toBeLessThanOrEqual(17);
  });
});

test('the README is one of at most 120 lines', () => {
  expect(read('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(120);
});

const headings = (page: string, level: string): readonly string[] =>
  [...read(page).matchAll(new RegExp(`^${level} (.*)$`, 'gm'))].map(([, heading = '']) => heading);

describe('the reference has a place for each, and for no other:', () => {
  test('error code', () => {
    const known = [
      'bug',
      ...listExitCodes().flatMap(({ errors }) => errors.filter((code) => code !== 'bug')),
    ];
    expect(headings('docs/reference/errors.md', '##').toSorted()).toEqual(known.toSorted());
    expect(Object.keys(explanations).toSorted()).toEqual(known.toSorted());
  });

  test('setting', () => {
    expect(headings('docs/reference/settings.md', '###').toSorted()).toEqual([...leaves.keys()].toSorted());
  });

  test('command', () => {
    expect(
      headings('docs/reference/commands.md', '##').filter((heading) => heading.startsWith('roamhome ')),
    ).toEqual(allCommands.map((command) => `roamhome ${nameOf(command)}`));
  });

  test('exit code', () => {
    const [whole = ''] = read('docs/reference/exit-codes.md').split('## Status');
    const rows = [...whole.matchAll(/^\| (\d+) /gm)].map(([, number = '']) => Number(number));
    expect(rows).toEqual(Object.values(EX));
  });
});

/** `server.port`, also as one of a group: `directory.…`. */
const groups = new Set([...leaves.keys()].flatMap((key) => (key.includes('.') ? [key.split('.')[0]] : [])));

test('the alert rules name each metric that they use as the program writes it', () => {
  const [, rules = ''] = read('docs/reference/metrics.md').split('## Alert rules');
  const named = rules.match(/roamhome_\w+/g) ?? [];
  expect(named.length).toBeGreaterThan(5);
  const known = new Set(metrics.map(({ name }) => name));
  expect(named.filter((name) => !known.has(name))).toEqual([]);
});

test('the page of files has every user property and every place that the settings have by default', () => {
  const page = read('docs/reference/files.md');
  const properties = new Set(
    readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => read(`src/${name}`).match(/(?<=')roamhome:[a-z-]+(?=')/g) ?? []),
  );
  expect(properties.size).toBeGreaterThan(8);
  const rows = [...page.matchAll(/^\| `(roamhome:[a-z-]+)`/gm)].map(([, name = '']) => name);
  expect(rows.toSorted()).toEqual([...properties].toSorted());
  const places = (['macos', 'linux'] as const).flatMap((kind) => {
    const { server, local, progress, log } = defaultsFor(kind, 'HOST');
    return [
      ...[server.identityFile, server.knownHostsFile, server.root, server.conflictsRoot],
      ...[local.spoolDir, local.stateDir, progress.statusDir, log.file],
      ...configFiles({ kind, file: undefined }).map(({ path }) => path),
    ];
  });
  expect(places.filter((place) => !page.includes(`\`${place}`))).toEqual([]);
});

describe.each(pagesForPeople())('%s', (page) => {
  const spans = [...read(page).matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);

  test('names no setting that does not exist', () => {
    const named = spans
      .flatMap((span) => span.match(/^[a-z]+\.[A-Za-z]+(?= |=|$)/g) ?? [])
      .filter((key) => groups.has(key.split('.')[0]) && !/\.(?:md|json|example|prom|conf)$/.test(key));
    expect(named.filter((key) => !leaves.has(key))).toEqual([]);
  });

  test('names no command that does not exist', () => {
    const text = read(page);
    const lines = [...text.matchAll(/(?:^|[`$#] ?|sudo )roamhome ([a-z-]+)(?: ([a-z-]+))?(?: ([a-z-]+))?/gm)];
    const names = new Set(allCommands.map(nameOf));
    const isKnown = ([, ...found]: readonly (string | undefined)[]): boolean => {
      const words = found.filter((word) => word !== undefined);
      return (
        ['help', 'version', 'man', '--help', '--version'].includes(words[0] ?? '') ||
        [1, 2, 3].some((count) => names.has(words.slice(0, count).join(' '))) ||
        [...names].some((name) => name.startsWith(`${words.join(' ')} `))
      );
    };
    expect(lines.filter((line) => !isKnown(line)).map(([line]) => line)).toEqual([]);
  });
});
