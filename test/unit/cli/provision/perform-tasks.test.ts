import { expect, test } from 'vitest';
import { openProvisioned, performTasks } from '../../../../src/cli/provision/run-provision.ts';
import type { Machine } from '../../../../src/provision/machine.ts';
import { alreadySo, toDo, type Task } from '../../../../src/provision/task.ts';
import { documentOf } from '../../../support/cli/expect-shape.ts';
import { fakeContext } from '../../../support/cli/fake-context.ts';

const machine = { name: 'server' } as Machine;
const does: string[] = [];
const task = (title: string, look: Task['look']): Task => ({ title, machine, look });
const made = task('the entry', () =>
  Promise.resolve({
    ...toDo({
      kind: 'call',
      does: 'add the entry',
      lines: ['uid=x'],
      call: () => Promise.resolve(void does.push('call')),
    }),
    left: ['tell x'],
  }),
);
const there = task('the group', () => Promise.resolve(alreadySo));

async function printed(tasks: readonly Task[], dryRun = false, json = false): Promise<string> {
  const { context, printed: text } = fakeContext();
  let failure = '';
  await performTasks(tasks, { dryRun, json }, context).catch((error: unknown) => {
    failure = `\n${String(error)}`;
  });
  return `${text()}${failure}`;
}

test('a run tells what it does, and sums up', async () => {
  expect(await printed([made, there])).toBe(`server: add the entry
done:
  the entry
already so:
  the group
left for you:
  tell x`);
  expect(does.splice(0)).toEqual(['call']);
});

test('a dry run shows what it would do, and does nothing', async () => {
  expect(await printed([made, there], true)).toBe(`server: add the entry
    uid=x
would be done (nothing was changed):
  the entry
already so:
  the group
left for you:
  tell x`);
  expect(does).toEqual([]);
});

test('a second run changes nothing and says so', async () => {
  expect(await printed([there])).toBe('nothing to do: all is so already\nalready so:\n  the group');
});

test('what was done before a failure is told', async () => {
  const call = () => Promise.reject(new Error('no'));
  const failing = task('x', () => Promise.resolve(toDo({ kind: 'call', does: 'x', lines: [], call })));
  expect(await printed([made, failing, there])).toBe(
    'server: add the entry\ndone:\n  the entry\nleft for you:\n  tell x\nError: no',
  );
});

test('what cannot be done is found out before anything is changed', async () => {
  does.splice(0);
  const failing = task('x', () => Promise.reject(new Error('no')));
  expect(await printed([made, failing, there])).toBe('nothing was changed\nError: no');
  expect(does).toEqual([]);
});

test.each<[string, readonly Task[], boolean, unknown]>([
  [
    'a run',
    [made, there],
    false,
    {
      ...{ dryRun: false, done: ['the entry'], alreadySo: ['the group'], left: ['tell x'] },
      changes: [{ machine: 'server', does: 'add the entry', details: [] }],
    },
  ],
  [
    'a dry run',
    [made],
    true,
    { dryRun: true, changes: [{ machine: 'server', does: 'add the entry', details: ['uid=x'] }] },
  ],
  [
    'a failure before anything is changed',
    [made, task('x', () => Promise.reject(new Error('no')))],
    false,
    { changes: [], done: [] },
  ],
])('%s as JSON, and nothing else', async (_what, tasks, dryRun, want) => {
  const [document = ''] = (await printed(tasks, dryRun, true)).split('\nError: ');
  expect(documentOf('provision server', document)).toMatchObject(want as object);
});

test('a machine that is none', async () => {
  const { context } = fakeContext();
  await expect(openProvisioned('-oProxyCommand=x', { verbose: false }, context)).rejects.toMatchObject({
    code: 'usage',
  });
});
