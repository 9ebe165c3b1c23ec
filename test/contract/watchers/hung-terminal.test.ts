import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { bundle } from '../../support/bundle.ts';

let directory: string;
let program: Awaited<ReturnType<typeof bundle>>;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'roamhome-terminal-'));
  program = await bundle('watchers/terminal.ts');
});
afterAll(() => {
  program.remove();
  rmSync(directory, { recursive: true });
});

test('a terminal that takes nothing more keeps nobody waiting', async () => {
  const [ready, go, end] = ['ready', 'go', 'end'].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  // 8 MB of frames: no terminal's buffer holds them.
  const main = `
    import { existsSync, writeFileSync } from 'node:fs';
    import { setTimeout as delay } from 'node:timers/promises';
    import { openTerminal } from ${JSON.stringify(program.path)};
    const terminal = openTerminal(process.stderr);
    terminal.write('first');
    writeFileSync(${JSON.stringify(ready)}, String(terminal.columns()));
    while (!existsSync(${JSON.stringify(go)})) await delay(20);
    for (let frame = 0; frame < 100000; frame++) terminal.write('x'.repeat(80));
    terminal.close();
    writeFileSync(${JSON.stringify(end)}, '');`;
  const file = join(directory, 'main.mjs');
  writeFileSync(file, main);
  // script(1) gives it a terminal, and is what would read it.
  const script = spawn('script', ['-qec', `${process.execPath} ${file}`, '/dev/null'], {
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  try {
    await vi.waitFor(() => {
      expect(existsSync(ready)).toBe(true);
    }, 30_000);
    script.kill('SIGSTOP');
    writeFileSync(go, '');
    await vi.waitFor(() => {
      expect(existsSync(end)).toBe(true);
    }, 30_000);
  } finally {
    script.kill('SIGCONT');
  }
  const [code] = (await once(script, 'exit')) as [number];
  expect(code).toBe(0);
});
