import type { Cleanup } from '../src/demo/cleanup.ts';
import type { Playground, Programs } from '../src/demo/playground.ts';

export declare function bundlePlayground(): Promise<{
  readonly exports: {
    readonly openPlayground: (programs: Programs, cleanup: Cleanup) => Promise<Playground>;
  };
  readonly programs: Programs;
}>;
