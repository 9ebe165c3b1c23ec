import { expect } from 'vitest';

export const like = (pattern: RegExp): unknown => expect.stringMatching(pattern);
export const containing = (text: string): unknown => expect.stringContaining(text);
export const someText: unknown = expect.any(String);
