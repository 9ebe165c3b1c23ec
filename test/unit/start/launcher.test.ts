import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const [firstLine = ''] = readFileSync(resolve(import.meta.dirname, '../../../src/main.ts'), 'utf8').split(
  '\n',
  1,
);
let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'roamhome-launcher-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

test('what the environment would have node load is gone before roamhome’s node starts', () => {
  const [program, attack, attacked] = ['roamhome', 'attack.js', 'attacked'].map((name) =>
    join(directory, name),
  );
  writeFileSync(attack!, `require('fs').writeFileSync(${JSON.stringify(attacked)}, '')`);
  writeFileSync(program!, `${firstLine}\nconsole.log(JSON.stringify([process.env, process.execArgv]))\n`, {
    mode: 0o755,
  });
  const kept = { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, SSH_CONNECTION: 'x', PAM_USER: 'alice' };
  const set = {
    NODE_OPTIONS: `--require=${attack}`,
    NODE_PATH: '/x',
    OPENSSL_CONF: '/x',
    LD_LIBRARY_PATH: '/x',
  };
  const said = execFileSync(program!, [], { env: { ...kept, ...set }, encoding: 'utf8' });
  expect(existsSync(attacked!)).toBe(false);
  const [seen, flags] = JSON.parse(said) as [Record<string, string>, readonly string[]];
  expect(seen).toEqual(kept);
  expect(flags).toEqual(['--single-threaded', '--min-semi-space-size=16']);
});

test('Linux reads the whole of its first line', () => {
  expect(firstLine.length).toBeLessThan(255);
});
