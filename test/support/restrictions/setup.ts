import { afterEach, expect } from 'vitest';
import { takeViolations } from './restricted.ts';

// Every remote command of every test against a simulated server passes lshell and the gate.
afterEach(() => {
  expect(takeViolations()).toEqual([]);
});
