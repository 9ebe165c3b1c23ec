import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The repository. */
export const root = resolve(import.meta.dirname, '../..');

/** Phrases that no native speaker writes in documentation, and words for which there is an established one. */
export const forbiddenPhrases: readonly RegExp[] = [
  /\b(?:go|goes|gone|going) on (?:with|from there|where)\b/i,
  /\bsee to (?:it|what)\b/i,
  /(?<!there )\b(?:is|are|was|were) none\b/i,
  /(?<!there )\b(?:is|are) no (?!longer|more than)/i,
  /\bbehind the @/i,
  /\b(?:is|are) for root\b/i,
  /\blets? go\b/i,
  /\bhangs? on\b/i,
  /\bor no more\b|\bin no more\b/i,
  /\b(?:is|are|was|were) to be\b/i,
  /\b(?:has|have|had) not got\b/i,
  /\banew\b/i,
  /\b(?:is|are|was|were) (?:said|told)\b/i,
  /\b(?:tells|said|told) so\b/i,
  /\bto be had\b/i,
  /\bmoved on\b|\bwent two ways\b/i,
  /\bstands? in between\b/i,
  /\bset up anew\b/i,
  /\bthose that\b/i,
  /\bas ever\b/i,
  /\bcannot be told\b/i,
  /\bbut for (?:one|the|what|guids)\b/i,
  /\ball the same\b/i,
  /\bat hand\b/i,
  /\bsee (?:above|below)\b/i,
  /\bknows nothing\b/i,
  /\bwaits? to be\b/i,
  /\bSomebody may\b/,
  /\bwhat is (?:there|said|left)\b/i,
  /\bsuch of\b/i,
  /\bgot at\b|\bget at\b/i,
  /\bhave to do\b|\bhas to do\b/i,
  /\bnot synced\b/i,
  /\bit is 73\b/i,
  /\bon which login hooks\b/i,
  /\bis of another\b/i,
  /\bmake it .* again\b/i,
  /\bwhen you know\b/i,
  /\btaken up again\b/i,
];

/** The pages that a person reads to use Roamhome, by their paths in the repository. */
export function pagesForPeople(): readonly string[] {
  const below = (folder: string): readonly string[] =>
    existsSync(join(root, folder))
      ? readdirSync(join(root, folder))
          .filter((name) => name.endsWith('.md'))
          .map((name) => `${folder}/${name}`)
      : [];
  const others = ['troubleshooting', 'compare'].map((name) => `docs/${name}.md`);
  return [
    'README.md',
    'CONTRIBUTING.md',
    ...below('docs/guide'),
    ...below('docs/reference'),
    ...others,
  ].filter((page) => existsSync(join(root, page)));
}

export const read = (page: string): string => readFileSync(join(root, page), 'utf8');

/** The text of a page in paragraphs: without code, tables, headings and comments; `code` in a line is one word. */
export function paragraphsOf(page: string): readonly string[] {
  return page
    .replaceAll(/^ *```[^]*?^ *```$/gm, '\n')
    .replaceAll(/<!--[^]*?-->/g, '\n')
    .replaceAll(/^\|.*$/gm, '')
    .replaceAll(/^#.*$/gm, '\n')
    .replaceAll(/^ *>/gm, '')
    .replaceAll(/^ *(?:[-*]|\d+\.) /gm, '\n')
    .replaceAll(/`[^`]*`/g, 'code')
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.replaceAll(/\s+/g, ' ').trim())
    .filter((paragraph) => paragraph !== '');
}

/** The sentences of paragraphs. */
export function sentencesOf(paragraphs: readonly string[]): readonly string[] {
  return paragraphs.flatMap((paragraph) =>
    paragraph
      .split(/(?<=[.!?:]["”)*]*) +(?=["“(*]*[A-Z0-9a-z])/)
      .map((sentence) => sentence.trim())
      .filter((sentence) => /[A-Za-z]/.test(sentence)),
  );
}

export const wordsOf = (sentence: string): number =>
  sentence.split(/\s+/).filter((word) => /\w/.test(word)).length;
