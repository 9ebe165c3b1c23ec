import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isRoamhomeError, RoamhomeError, type ErrorCode } from '../../../src/errors/errors.ts';
import { EX, exitCodeOf, listExitCodes } from '../../../src/errors/exit-codes.ts';

const sysexits = '/usr/include/sysexits.h';
const errorOf = (code: ErrorCode): RoamhomeError => new RoamhomeError({ code, message: 'm', remedy: 'r' });

describe('a RoamhomeError', () => {
  test('has what a report needs, and is not to be retried unless it says so', () => {
    const cause = new Error('below');
    const error = new RoamhomeError({
      code: 'locked',
      message: 'taken',
      remedy: 'wait',
      retryable: true,
      cause,
    });
    expect(error).toMatchObject({ name: 'RoamhomeError', code: 'locked', message: 'taken', remedy: 'wait' });
    expect([error.retryable, error.cause]).toEqual([true, cause]);
    expect(errorOf('locked').retryable).toBe(false);
    // An own property `cause: undefined` would show in logs.
    expect(Object.hasOwn(errorOf('locked'), 'cause')).toBe(false);
  });

  test('is known by its code, and by nothing that only looks like one', () => {
    expect(isRoamhomeError(errorOf('locked'))).toBe(true);
    expect(isRoamhomeError(errorOf('locked'), 'diverged', 'locked')).toBe(true);
    expect(isRoamhomeError(errorOf('locked'), 'diverged')).toBe(false);
    expect(isRoamhomeError(Object.assign(new Error('m'), { code: 'locked', remedy: 'r' }))).toBe(false);
    expect(isRoamhomeError(undefined)).toBe(false);
  });
});

describe('the exit code', () => {
  test.each<[ErrorCode, number]>([
    ['usage', 64],
    ['user-name-invalid', 64],
    ['diverged', 65],
    ['dataset-missing', 66],
    ['user-unknown', 67],
    ['server-unreachable', 69],
    ['pool-not-imported', 69],
    ['zfs-not-installed', 71],
    ['quota-exceeded', 74],
    ['no-space', 74],
    ['locked', 75],
    ['server-blocked', 75],
    ['host-key-changed', 77],
    ['auth-refused', 77],
    ['permission-denied', 77],
    ['command-refused', 77],
    ['zfs-failed', 71],
    ['state-unusable', 72],
    ['file-unreadable', 72],
    ['in-the-way', 73],
    ['config-invalid', 78],
    ['key-unusable', 78],
  ])('of %s is %i', (code, exit) => {
    expect(exitCodeOf(errorOf(code))).toBe(exit);
  });

  test('is that of a bug for bugs alone', () => {
    const bug = listExitCodes().find(({ exitCode }) => exitCode === EX.SOFTWARE);
    // What never ends although each step succeeds is one too.
    expect(bug?.errors).toEqual(['bug', 'not-converging']);
  });

  test('of what Roamhome did not foresee is EX_SOFTWARE', () => {
    expect([new Error('bug'), 'text', undefined, null].map(exitCodeOf)).toEqual([70, 70, 70, 70]);
  });

  // Comes with the C library's development files, which not every machine has.
  test.skipIf(!existsSync(sysexits))('is named and numbered as in sysexits.h', () => {
    const defined = new Map(
      [...readFileSync(sysexits, 'utf8').matchAll(/^#define\s+EX_(\w+)\s+(\d+)/gm)].map(
        ([, name, number]) => [name, Number(number)],
      ),
    );
    const own = ['CONFLICT', 'LOGIN_REFUSED'];
    const known = Object.entries(EX).filter(([name]) => !own.includes(name));
    expect(known.filter(([name, number]) => defined.get(name) !== number)).toEqual([]);
  });
});
