import { expect, test } from 'vitest';
import { endProcesses, type ProcessControl } from '../../../src/platform/end-processes.ts';
import { processesOf, type ProcessEntry } from '../../../src/platform/process-list.ts';

const alice = { name: 'alice', uid: 501, gid: 20 };
const entry = (pid: number, ppid: number, uid: number, realUid = uid): ProcessEntry => ({
  pid,
  ppid,
  uid,
  realUid,
});

test.each<[string, ProcessEntry[], number[]]>([
  [
    'effective and real user',
    [entry(5, 1, 501), entry(6, 1, 0, 501), entry(7, 1, 501, 0), entry(8, 1, 502)],
    [5, 6, 7],
  ],
  [
    'not itself and its ancestors',
    [entry(10, 1, 501), entry(11, 10, 501), entry(12, 11, 0), entry(13, 11, 501)],
    [13],
  ],
  ['not pid 1', [entry(1, 0, 501)], []],
  ['a circle of parents ends', [entry(12, 13, 0), entry(13, 12, 501), entry(14, 1, 501)], [14]],
])('%s', (_name, processes, want) => {
  expect(processesOf(501, processes, 12).map(({ pid }) => pid)).toEqual(want);
});

/** Processes of a make-believe system: each ends so many ms after the signal that it obeys; its clock is the waiting. */
function pretend(
  ends: Record<number, { TERM?: number; KILL?: number }>,
  later: { at: number; pid: number }[] = [],
) {
  let clock = 0;
  const living = new Map<number, number>(Object.keys(ends).map((pid) => [Number(pid), Infinity]));
  const sent: string[] = [];
  const control: ProcessControl = {
    self: 2,
    now: () => clock,
    list: () => {
      for (const { at, pid } of later.splice(0)) if (at >= 0) living.set(pid, Infinity);
      for (const [pid, end] of living) if (end <= clock) living.delete(pid);
      return Promise.resolve([entry(2, 1, 0), ...[...living.keys()].map((pid) => entry(pid, 1, 501))]);
    },
    kill: (pid, signal) => {
      sent.push(`${signal} ${pid}`);
      const after = ends[pid]?.[signal === 'SIGTERM' ? 'TERM' : 'KILL'];
      if (after !== undefined) living.set(pid, clock + after);
    },
    wait: (milliseconds, signal) => {
      clock += milliseconds;
      return signal?.aborted === true ? Promise.reject(new Error('aborted')) : Promise.resolve();
    },
  };
  return { control, sent, clock: () => clock };
}

test('nobody is there', async () => {
  const { control, sent, clock } = pretend({});
  expect(await endProcesses(control, alice, { graceMs: 5000 })).toBe(0);
  expect(sent).toEqual([]);
  expect(clock()).toBe(0);
});

test('TERM is enough: no longer wait than needed', async () => {
  const { control, sent, clock } = pretend({ 10: { TERM: 0 }, 11: { TERM: 120 } });
  expect(await endProcesses(control, alice, { graceMs: 5000 })).toBe(0);
  expect(sent).toEqual(['SIGTERM 10', 'SIGTERM 11']);
  expect(clock()).toBe(150);
});

test('KILL after the grace for those that stay, each told once', async () => {
  const { control, sent, clock } = pretend({ 10: { TERM: 0 }, 11: { KILL: 0 } });
  expect(await endProcesses(control, alice, { graceMs: 1000 })).toBe(1);
  expect(sent).toEqual(['SIGTERM 10', 'SIGTERM 11', 'SIGKILL 11']);
  expect(clock()).toBe(1050);
});

test('without a grace KILL comes at once', async () => {
  const { control, sent } = pretend({ 11: { KILL: 0 } });
  expect(await endProcesses(control, alice, { graceMs: 0 })).toBe(1);
  expect(sent).toEqual(['SIGTERM 11', 'SIGKILL 11']);
});

test('what not even KILL ends holds up nobody for ever', async () => {
  const { control, clock } = pretend({ 11: {} });
  expect(await endProcesses(control, alice, { graceMs: 1000 })).toBe(1);
  expect(clock()).toBe(3000);
});

test('root is refused, before anything is looked at', async () => {
  const { control, sent } = pretend({ 10: { TERM: 0 } });
  await expect(endProcesses(control, { ...alice, uid: 0 }, { graceMs: 1 })).rejects.toMatchObject({
    code: 'user-name-invalid',
  });
  expect(sent).toEqual([]);
});

test('aborted', async () => {
  const { control, sent } = pretend({ 10: {} });
  const before = endProcesses(control, alice, { graceMs: 1, signal: AbortSignal.abort() });
  await expect(before).rejects.toMatchObject({ code: 'cancelled' });
  expect(sent).toEqual([]);

  const abort = new AbortController();
  const during = endProcesses(
    {
      ...control,
      kill: () => {
        abort.abort();
      },
    },
    alice,
    { graceMs: 1000, signal: abort.signal },
  );
  await expect(during).rejects.toMatchObject({ code: 'cancelled' });
});

test('a failure of the list is not hidden', async () => {
  const { control } = pretend({});
  const broken = { ...control, list: () => Promise.reject(new Error('ps is gone')) };
  await expect(endProcesses(broken, alice, { graceMs: 1 })).rejects.toThrow('ps is gone');
});
