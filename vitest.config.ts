import { defineConfig } from 'vitest/config';
import durations from './test/e2e/durations.json' with { type: 'json' };
import { longSeconds } from './scripts/long-files.mjs';
import { labs } from './test/e2e/labs.ts';

/** The lab's files that are long: left out with ROAMHOME_SHORT=1, as scripts/test.mjs does where there is a limit of time. */
const long = Object.entries(durations).flatMap(([file, seconds]) => (seconds >= longSeconds ? [file] : []));

export default defineConfig({
  test: {
    coverage: { provider: 'v8', include: ['src/**/*.ts'] },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/property/**/*.test.ts'],
          setupFiles: ['test/support/restrictions/setup.ts'],
          // No file changes what others see of a module, and loading all anew for each file takes a third of the time.
          isolate: false,
          // The model makes much garbage that is young: collecting it less often takes a tenth less of the processor.
          execArgv: ['--max-semi-space-size=64'],
          // Seconds on a quiet machine; how busy it is must not decide.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // What takes too long on the simulator for a check that is run at each change.
        test: {
          name: 'model',
          include: ['test/model/**/*.test.ts'],
          setupFiles: ['test/support/restrictions/setup.ts'],
        },
      },
      {
        // Real programs on this machine: sshd on loopback, the hooks under env -i.
        test: {
          name: 'contract',
          include: ['test/contract/**/*.test.ts'],
          setupFiles: ['test/support/restrictions/setup.ts'],
          // Half a minute on a quiet machine, the longest: beside a lab that is being built it is several.
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        // Real OpenZFS and real sshd: each worker has a lab of its own.
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: process.env['ROAMHOME_SHORT'] === undefined ? [] : long,
          globalSetup: ['test/e2e/build.ts'],
          setupFiles: ['test/e2e/setup.ts'],
          // How busy the machine is must not decide.
          testTimeout: 1_200_000,
          hookTimeout: 1_200_000,
          maxWorkers: labs.length,
        },
      },
    ],
  },
});
