import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundle } from '../../support/bundle.ts';

let directory: string;
let program: Awaited<ReturnType<typeof bundle>>;
const roamhome = (...words: readonly string[]): string =>
  execFileSync(join(directory, 'roamhome'), words, { encoding: 'utf8' });

beforeAll(async () => {
  program = await bundle('cli/run.ts');
  directory = mkdtempSync(join(tmpdir(), 'roamhome-manual-'));
  writeFileSync(
    join(directory, 'main.mjs'),
    `import { run } from ${JSON.stringify(program.path)}; await run(process.argv.slice(2));`,
  );
  writeFileSync(
    join(directory, 'roamhome'),
    `#!/bin/sh\nexec ${process.execPath} ${directory}/main.mjs "$@"\n`,
  );
  chmodSync(join(directory, 'roamhome'), 0o755);
});
afterAll(() => {
  program.remove();
  rmSync(directory, { recursive: true });
});

test('the manual page is one that mandoc has nothing to say of, and says what --help does', () => {
  const page = join(directory, 'roamhome.8');
  writeFileSync(page, roamhome('man'));
  const lint = spawnSync('mandoc', ['-T', 'lint', '-W', 'warning', page], { encoding: 'utf8' });
  expect([lint.status, lint.stdout]).toEqual([0, '']);
  const printed = execFileSync('mandoc', ['-T', 'ascii', page], { encoding: 'utf8' });
  // What is bold is struck twice.
  const text = printed.split('\b').reduce((before, after) => before.slice(0, -1) + after);
  const help = roamhome('status', '--help');
  for (const example of ['roamhome status --server', 'Do not ask the server']) {
    expect(text).toContain(example);
    expect(help).toContain(example);
  }
});

test.each([
  [['sta'], 'status'],
  [['status', '--pro'], '--prometheus'],
  [['conflicts', 'sh'], 'show'],
  [['--ver'], '--verbose'],
])('bash completes %j', (words, want) => {
  const script = `
    PATH=${directory}:$PATH
    source <(SHELL=/bin/bash roamhome completion)
    COMP_WORDS=(roamhome ${words.join(' ')}) COMP_CWORD=${words.length}
    COMP_LINE="\${COMP_WORDS[*]}" COMP_POINT=\${#COMP_LINE}
    _roamhome_completions
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const out = execFileSync('bash', ['--norc', '-c', script], { encoding: 'utf8' });
  expect(out.trim().split('\n')).toContain(want);
  expect(out).not.toMatch(/^--.$/m);
});

test('the completion for bash needs nothing that bash 3.2 of macOS lacks', () => {
  const script = execFileSync(join(directory, 'roamhome'), ['completion'], {
    encoding: 'utf8',
    env: { ...process.env, SHELL: '/bin/bash' },
  });
  expect(script).not.toMatch(/mapfile|readarray|declare -A|\$\{[^}]*(?:,,|\^\^)/);
});
