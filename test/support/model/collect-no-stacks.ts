import { afterAll, beforeAll } from 'vitest';

/** Errors are how zfs says no, thousands of times here; collecting stacks for them would take a third of the time. */
export function collectNoStacks(): void {
  const { stackTraceLimit } = Error;
  beforeAll(() => {
    Error.stackTraceLimit = 0;
  });
  afterAll(() => {
    Error.stackTraceLimit = stackTraceLimit;
  });
}
