import { expect, test } from 'vitest';
import { knownAs } from '../../../../src/cli/session/known-as.ts';
import { platformOfOneUser } from '../../../../src/demo/platform.ts';
import { RoamhomeError } from '../../../../src/errors/errors.ts';
import type { Platform } from '../../../../src/platform/platform.ts';

const never = (): Promise<boolean> => Promise.resolve(false);

/** A directory that finds `Alice` by each of her names, as macOS's does, and how often it was asked. */
function directory(kind: Platform['kind'] = 'macos'): { platform: Platform; asked: string[] } {
  const asked: string[] = [];
  const one = platformOfOneUser({ uid: 501, gid: 20 });
  const findAccount: Platform['findAccount'] = (name) => {
    asked.push(name);
    const isHers = ['alice', 'alice@corp'].includes(name.toLowerCase());
    return Promise.resolve(isHers ? { name: 'Alice', uid: 501, gid: 20 } : null);
  };
  return { platform: { ...one, kind, findAccount }, asked };
}

test.each(['Alice', 'alice', 'ALICE', 'alice@corp'])('%s is one user with one home', async (given) => {
  const { platform, asked } = directory();
  const known = await knownAs(platform, given, never);
  expect(known.user).toBe('Alice');
  expect(await known.platform.findAccount('Alice')).toMatchObject({ uid: 501 });
  // The directory may be slow: it is asked once.
  expect(asked).toEqual([given]);
});

test('who is not known, or cannot be asked for, is told by the session', async () => {
  const { platform } = directory();
  expect((await knownAs(platform, 'bob', never)).user).toBe('bob');
  const down = new RoamhomeError({ code: 'command-failed', message: 'down', remedy: 'wait' });
  const silent = { ...platform, findAccount: () => Promise.reject(down) };
  expect((await knownAs(silent, 'alice', never)).user).toBe('alice');
  const odd = { ...platform, findAccount: () => Promise.resolve({ name: '../x', uid: 1, gid: 1 }) };
  expect((await knownAs(odd, 'alice', never)).user).toBe('alice');
});

test('on Linux, whoever has roamed here by that name is not looked up before the server is connected to', async () => {
  const { platform, asked } = directory('linux');
  expect((await knownAs(platform, 'alice', () => Promise.resolve(true))).user).toBe('alice');
  expect(asked).toEqual([]);
  expect((await knownAs(platform, 'alice', never)).user).toBe('Alice');
});
