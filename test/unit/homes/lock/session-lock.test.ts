import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLocks, type Release } from '../../../../src/homes/lock/lock.ts';
import { entryName } from '../../../../src/homes/lock/lock-entry.ts';
import type { Session } from '../../../../src/homes/session.ts';
import { lockForSession } from '../../../../src/homes/lock/session-lock.ts';
import { codes, fakeSession } from '../../../support/homes/fake-session.ts';

let stateDir: string;
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'roamhome-session-lock-'));
});
afterEach(() => {
  rmSync(stateDir, { recursive: true });
});

/** A session on real locks, all of them this process's; and who was asked to end. */
function sessionWith(askToEnd: (pid: number) => void, lockWaitSeconds: number): Session {
  const { session } = fakeSession({});
  return {
    ...session,
    config: { ...session.config, limits: { ...session.config.limits, lockWaitSeconds } },
    acquireLock: createLocks({ stateDir, findProcessStart: () => Promise.resolve('now') }),
    askToEnd,
  };
}

test.each(['push', 'checkpoint', 'thin'])('a %s gives way to a session that waits for it', async (what) => {
  let release: Release = () => Promise.reject(new Error('not held yet'));
  const asked: number[] = [];
  const session = sessionWith((pid) => {
    asked.push(pid);
    void release();
  }, 60);
  release = await session.acquireLock({ user: 'alice', what, waitMs: 0 });
  await (
    await lockForSession(session, 'logout')
  )();
  expect(asked).toEqual([process.pid]);
});

test.each(['login', 'logout', 'restore'])('a %s is waited for, and not ended', async (what) => {
  const asked: number[] = [];
  const session = sessionWith((pid) => asked.push(pid), 0.1);
  const release = await session.acquireLock({ user: 'alice', what, waitMs: 0 });
  const error: unknown = await lockForSession(session, 'login').catch((reason: unknown) => reason);
  expect(codes([error as Error])).toEqual(['locked']);
  expect(asked).toEqual([]);
  await release();
});

test('one that takes the lock in between is asked to give way too', async () => {
  const asked: number[] = [];
  const locks = join(stateDir, 'locks/alice');
  const session = sessionWith((pid) => {
    asked.push(pid);
    // At once, so that the one that waits cannot come first: how busy the machine is must not decide.
    for (const file of readdirSync(locks)) rmSync(join(locks, file));
    if (asked.length > 1) return;
    const note = { pid, what: 'push', since: '2026-11-20T06:45:00Z' };
    writeFileSync(join(locks, entryName(pid, 'now', '0123456789abcdef')), JSON.stringify(note));
  }, 60);
  await session.acquireLock({ user: 'alice', what: 'thin', waitMs: 0 });
  await (
    await lockForSession(session, 'logout')
  )();
  expect(asked).toEqual([process.pid, process.pid]);
});
