import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { bundleProgram, createFakeSystem, type FakeSystem } from './fake-system.ts';

// The home of a user `proc` at /proc is mounted, that of a user `alice` at /alice is not.
const settings = ['--set', 'local.homeBase=/'];

describe.runIf(process.getuid?.() === 0)('roamhome watch-console', () => {
  let mac: FakeSystem;
  let program: Awaited<ReturnType<typeof bundleProgram>>;
  beforeAll(async () => {
    program = await bundleProgram();
  });
  afterAll(() => {
    program.remove();
  });
  beforeEach(() => {
    mac = createFakeSystem('macos', program.path);
    mac.setState('sessions', '');
    mac.setState('console', 'root\n');
  });
  afterEach(() => {
    mac.remove();
  });

  test('calls login and logout as the console changes hands, and ends when told', async () => {
    const log = ['--set', `log.file=${mac.at('log')}`];
    const calls = settings.join(' ');
    const child = mac.start('watch-console', ...settings, ...log);
    const ended = once(child, 'close');
    const expectCalls = (want: readonly string[]) =>
      vi.waitFor(
        () => {
          expect(mac.programCalls().map((line) => line.replace(` ${log.join(' ')}`, ''))).toEqual(want);
        },
        { timeout: 20_000, interval: 50 },
      );
    try {
      mac.setState('console', 'alice\n');
      await expectCalls([`login ${calls} -- alice`]);
      // Not mounted: her logout has been. Mounted: he has had his login.
      mac.setState('sessions', '502\n');
      mac.setState('console', 'proc\n');
      // The login window over his session: fast user switching.
      await settled(mac);
      mac.setState('console', 'root\n');
      await settled(mac);
      await expectCalls([`login ${calls} -- alice`]);
      mac.setState('sessions', '');
      await expectCalls([`login ${calls} -- alice`, `logout ${calls} -- proc`]);
      // What cannot be read is told once, and gone on from.
      mac.setState('console', '');
      await settled(mac);
      mac.setState('console', 'alice\n');
      await expectCalls([`login ${calls} -- alice`, `logout ${calls} -- proc`, `login ${calls} -- alice`]);
    } finally {
      child.kill('SIGTERM');
    }
    expect(await ended).toEqual([0, null]);
    expect(readLog(mac).match(/console-problem/g)).toHaveLength(1);
  });
});

function readLog(mac: FakeSystem): string {
  return mac.state('../../log');
}

/** Until it has looked at the console as it is now, and done what that asks for. */
async function settled(mac: FakeSystem): Promise<void> {
  mac.calls();
  let looks = 0;
  await vi.waitFor(
    () => {
      looks += mac.calls().filter((line) => line === 'stat').length;
      expect(looks).toBeGreaterThan(3);
    },
    { timeout: 20_000, interval: 50 },
  );
}
