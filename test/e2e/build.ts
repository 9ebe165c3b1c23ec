import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { labs } from './labs.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Another for each run of the tests. */
    readonly run: string;
    readonly labs: readonly string[];
  }
}

const built = 'node_modules/.cache/roamhome/results/built-for';

/**
 * Once for all end-to-end tests: this checkout's Roamhome is built and packed. Where scripts/test.mjs runs vitest several times, each
 * time with the same ROAMHOME_TEST_RUN, the first does it for all.
 */
export default function build(project: TestProject): void {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const run = process.env['ROAMHOME_TEST_RUN'] ?? randomUUID();
  if (!existsSync(root + built) || readFileSync(root + built, 'utf8') !== run) {
    for (const script of ['build', 'package']) {
      execFileSync(process.execPath, [`scripts/${script}.mjs`], { cwd: root, stdio: 'inherit' });
    }
    mkdirSync(dirname(root + built), { recursive: true });
    writeFileSync(root + built, run);
  }
  project.provide('run', run);
  project.provide('labs', labs);
}
