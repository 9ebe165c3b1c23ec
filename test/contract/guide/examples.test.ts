import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundlePlayground } from '../../../scripts/bundle-demo.mjs';
import { Cleanup } from '../../../src/demo/cleanup.ts';
import type { MachineName } from '../../../src/demo/playground.ts';
import { root } from '../../support/texts.ts';

/** A command of a page, and what the page says that it prints. */
interface Shown {
  readonly machine: MachineName;
  readonly line: string;
  readonly output: readonly string[];
}

/** What a reader would type: blocks `console`, with the prompts of the playground. */
function examplesOf(text: string): readonly Shown[] {
  const shown: { machine: MachineName; line: string; output: string[] }[] = [];
  for (const [, block = ''] of text.matchAll(/^```console\n([^]*?)^```$/gm))
    for (const line of block.trimEnd().split('\n')) {
      const [, machine, command = ''] = /^(mac-a|mac-b|server)# (.*)$/.exec(line) ?? [];
      if (machine === undefined) shown.at(-1)?.output.push(line);
      else shown.push({ machine: machine as MachineName, line: command, output: [] });
    }
  return shown;
}

/** Times, sizes and the port are others each time; so is the width of what has them. */
const plain = (line: string): string =>
  line
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d/g, 'TIME')
    .replaceAll(/\d+(?:\.\d+)? (?:B|KiB|MiB)\b/g, 'SIZE')
    .replaceAll(/\b\d+ (?:s|min)\b(?! ago)/g, 'AGE')
    .replaceAll(/\b\d{8}T\d{6}(?:\.\d+)?Z/g, 'STAMP')
    .replaceAll(/server:\d+/g, 'server:PORT')
    .replaceAll(/ +/g, ' ')
    .trimEnd();

const folder = join(root, 'docs/guide');
const pages = readdirSync(folder)
  .map((name) => ({ name, examples: examplesOf(readFileSync(join(folder, name), 'utf8')) }))
  .filter(({ examples }) => examples.length > 0);

describe.runIf(process.platform === 'linux' && process.getuid?.() === 0)('in the playground', () => {
  let bundled: Awaited<ReturnType<typeof bundlePlayground>>;
  let cleanup: Cleanup;
  beforeAll(async () => {
    bundled = await bundlePlayground();
    cleanup = new Cleanup();
  });
  afterAll(async () => {
    expect(await cleanup.run()).toEqual([]);
  });

  test('several pages of the guide have examples', () => {
    expect(pages.length).toBeGreaterThan(3);
  });

  test.each(pages)('the commands of docs/guide/$name print what it shows', async ({ examples }) => {
    const playground = await bundled.exports.openPlayground(bundled.programs, cleanup);
    for (const { machine, line, output } of examples) {
      const typed = await playground.type(machine, line);
      // A transfer of more than ten seconds, as on a busy machine, says how far it is.
      const text = typed.text.replaceAll(/^roamhome: \w+: (?:sending|receiving), .*\n/gm, '');
      expect({ line, output: text.trimEnd().split('\n').map(plain).join('\n') }).toEqual({
        ...{ line, output: output.map(plain).join('\n') },
      });
    }
  });
});
