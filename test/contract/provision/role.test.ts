import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { roleTasks } from '../../../src/cli/provision/run-role.ts';
import { describeChange } from '../../../src/provision/describe-change.ts';
import { bundle } from '../../support/bundle.ts';
import { changesOf, createFakeLinux, type FakeLinux } from './fake-linux.ts';

let program: Awaited<ReturnType<typeof bundle>>;
let fake: FakeLinux;
beforeAll(async () => {
  program = await bundle('simulator/main.ts');
});
afterAll(() => {
  program.remove();
});
beforeEach(() => {
  fake = createFakeLinux(program.path);
});
afterEach(() => {
  fake.remove();
});

const settings = (): unknown => JSON.parse(readFileSync(fake.at('etc/roamhome/config.json'), 'utf8'));
const write = (content: unknown): void => {
  mkdirSync(fake.at('etc/roamhome'), { recursive: true });
  writeFileSync(fake.at('etc/roamhome/config.json'), JSON.stringify(content));
};

describe.runIf(process.getuid?.() === 0)('provision role', () => {
  test.each(['mac', 'server'] as const)(
    'writes %s on a machine without settings; a second run changes nothing',
    async (role) => {
      expect((await changesOf(fake, roleTasks(fake.machine, role))).map(describeChange)).toEqual([
        'make the directory /etc/roamhome (0755)',
        'write /etc/roamhome/config.json',
      ]);
      expect((await fake.run(roleTasks(fake.machine, role))).failure).toBeNull();
      expect(settings()).toEqual({ role });
      expect(await changesOf(fake, roleTasks(fake.machine, role))).toEqual([]);
    },
  );

  test('changes the role that is written, and leaves all other settings as they are', async () => {
    write({ role: 'mac', limits: { stallSeconds: 7 } });
    expect((await fake.run(roleTasks(fake.machine, 'server'))).failure).toBeNull();
    expect(settings()).toEqual({ role: 'server', limits: { stallSeconds: 7 } });
  });

  test('does not make the server of a machine that names a server: its homes are a Mac’s', async () => {
    write({ server: { address: 'server.example' } });
    const { failure } = await fake.run(roleTasks(fake.machine, 'server'));
    expect(failure).toMatchObject({ code: 'wrong-machine' });
    expect(settings()).toEqual({ server: { address: 'server.example' } });
  });
});
