import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
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

/** Once for all end-to-end tests: this checkout's Roamhome is built and packed. */
export default function build(project: TestProject): void {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  for (const script of ['build', 'package']) {
    execFileSync(process.execPath, [`scripts/${script}.mjs`], { cwd: root, stdio: 'inherit' });
  }
  project.provide('run', randomUUID());
  project.provide('labs', labs);
}
