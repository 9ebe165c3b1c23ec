import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RoamhomeError } from '../../../src/errors/errors.ts';
import { createLocalHost } from '../../../src/host/local.ts';
import { applyChange } from '../../../src/provision/apply-change.ts';
import { fileChanges, readEntry } from '../../../src/provision/entry.ts';
import type { Machine } from '../../../src/provision/machine.ts';
import { applyForReal, runTasks, type Apply } from '../../../src/provision/run-tasks.ts';
import { alreadySo, toDo, type Change, type Task, type WantedText } from '../../../src/provision/task.ts';

const host = createLocalHost({ name: 'this machine', path: ['/usr/bin', '/bin'] });
const { signal } = new AbortController();
const machine = { name: 'this machine', host } as Machine;
const { username } = userInfo();

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'roamhome-tasks-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

const fileAt = (name: string, text = `${name}\n`): WantedText => ({
  path: join(directory, name),
  text,
  mode: 0o640,
  owner: { user: username, group: username },
});
const fileTask = (name: string): Task => ({
  title: name,
  machine,
  look: async (abort) => {
    const file = fileAt(name);
    return toDo(...fileChanges(await readEntry(host, file.path, abort), file));
  },
});
const run = (tasks: readonly Task[], apply: Apply = applyForReal) => runTasks(tasks, { apply, signal });

describe('writing a file', () => {
  const write = (file: WantedText) => applyChange(host, { kind: 'write-file', file, isNew: true }, signal);

  test.each(['', 'no newline', 'ünicode\n', `${'x'.repeat(300_000)}\n`])('whole: %#', async (text) => {
    const file = fileAt('it’s "a" $file', text);
    await write(file);
    expect(readFileSync(file.path, 'utf8')).toBe(text);
    expect(statSync(file.path).mode & 0o7777).toBe(0o640);
    expect(readdirSync(directory)).toHaveLength(1);
  });

  test('a text that its check takes; the check sees the new one', async () => {
    await write({ ...fileAt('a'), check: ['grep', '-q', 'a', '{}'] });
    expect(readFileSync(join(directory, 'a'), 'utf8')).toBe('a\n');
  });

  test('a text that its check refuses: the old one stays, and nothing beside it', async () => {
    writeFileSync(join(directory, 'a'), 'old');
    const refused = write({ ...fileAt('a'), check: ['sh', '-c', 'echo "$1 is bad"; false', 'sh', '{}'] });
    await expect(refused).rejects.toMatchObject({
      code: 'state-unusable',
      message: expect.stringMatching(
        /left as it was: sh on this machine refuses .*\.roamhome\.\w+ is bad/,
      ) as string,
    });
    expect(readFileSync(join(directory, 'a'), 'utf8')).toBe('old');
    expect(readdirSync(directory)).toEqual(['a']);
  });

  test('a writer that is cut off: the old one stays', async () => {
    writeFileSync(join(directory, 'a'), 'old');
    const cut = {
      ...host,
      stream: async (...call: Parameters<typeof host.stream>) => {
        const command = await host.stream(...call);
        command.stdin.end('ne');
        return {
          ...command,
          stdin: Object.assign(Object.create(command.stdin) as typeof command.stdin, {
            end: () => command.stdin,
          }),
        };
      },
    };
    const writing = applyChange(
      cut,
      { kind: 'write-file', file: fileAt('a', 'new\n'), isNew: false },
      signal,
    );
    await expect(writing).rejects.toMatchObject({
      message: expect.stringContaining('the text was cut off') as string,
    });
    expect(readFileSync(join(directory, 'a'), 'utf8')).toBe('old');
    expect(readdirSync(directory)).toEqual(['a']);
  });

  test('where it cannot be', async () => {
    await expect(write({ ...fileAt('a'), path: join(directory, 'none/a') })).rejects.toMatchObject({
      code: 'state-unusable',
    });
  });
});

describe('running a command', () => {
  test('is given its input, and nothing else', async () => {
    const path = join(directory, 'read');
    const change: Change = { kind: 'run', does: 'read', argv: ['dd', `of=${path}`], input: 'secret' };
    await applyChange(host, change, signal);
    expect(readFileSync(path, 'utf8')).toBe('secret');
  });
  test('that fails says what it said', async () => {
    const change: Change = { kind: 'run', does: 'fail', argv: ['sh', '-c', 'echo no >&2; exit 4'] };
    await expect(applyChange(host, change, signal)).rejects.toMatchObject({
      code: 'command-failed',
      message: expect.stringContaining('exit code 4: no') as string,
    });
  });
});

describe('the tasks in their order', () => {
  const tasks = () => ['a', 'b', 'c'].map(fileTask);
  const files = () =>
    Object.fromEntries(
      readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), 'utf8')]),
    );

  test('a second run finds all done', async () => {
    writeFileSync(join(directory, 'b'), 'old');
    expect(await run(tasks())).toEqual({
      report: { done: ['a', 'b', 'c'], alreadySo: [], left: [] },
      failure: null,
      obstacles: [],
    });
    expect(files()).toEqual({ a: 'a\n', b: 'b\n', c: 'c\n' });
    expect(await run(tasks())).toEqual({
      report: { done: [], alreadySo: ['a', 'b', 'c'], left: [] },
      failure: null,
      obstacles: [],
    });
  });

  test('a dry run looks at all, and changes nothing', async () => {
    const shown: Change[] = [];
    const { report } = await run(tasks(), (_task, change) => Promise.resolve(void shown.push(change)));
    expect(report.done).toEqual(['a', 'b', 'c']);
    expect(shown).toHaveLength(3);
    expect(files()).toEqual({});
  });

  test.each([0, 1, 2, 3, 4, 5])(
    'killed at %i of before and after each change, the next run ends the same',
    async (at) => {
      let moment = 0;
      const kill = () => {
        if (moment++ === at) throw new Error('killed');
      };
      const killed = await run(tasks(), async (task, change, abort) => {
        kill();
        await applyForReal(task, change, abort);
        kill();
      });
      expect(killed.failure?.message).toBe('killed');
      const { report, failure } = await run(tasks());
      expect(failure).toBeNull();
      expect([...report.alreadySo, ...report.done]).toEqual(['a', 'b', 'c']);
      expect(files()).toEqual({ a: 'a\n', b: 'b\n', c: 'c\n' });
    },
  );

  test('what is left for a person is told, also by a task that had nothing to do', async () => {
    const leaving: Task = {
      title: 'x',
      machine,
      look: () => Promise.resolve({ ...alreadySo, left: ['look at x'] }),
    };
    expect((await run([leaving])).report).toEqual({ done: [], alreadySo: ['x'], left: ['look at x'] });
  });

  test('the first that fails ends the run', async () => {
    const failing: Task = { title: 'x', machine, look: () => Promise.reject(new Error('no')) };
    const { report, failure } = await run([fileTask('a'), failing, fileTask('c')]);
    expect(failure?.message).toBe('no');
    expect(report.done).toEqual(['a']);
    expect(Object.keys(files())).toEqual(['a']);
  });
});

describe('looks alone', () => {
  const refuses = (message: string, retryable = false): Task => ({
    ...{ title: message, machine },
    look: () => Promise.reject(new RoamhomeError({ code: 'in-the-way', message, remedy: 'x', retryable })),
  });
  const looked = (...tasks: readonly Task[]) =>
    runTasks(tasks, { apply: () => Promise.resolve(), signal, looksOnly: true });

  test('all that is in the way is found at once, each once; what can be done is told besides', async () => {
    const { report, failure, obstacles } = await looked(
      ...[refuses('no pool'), refuses('no pool'), fileTask('a'), refuses('no sshd')],
    );
    expect(obstacles.map(({ message }) => message)).toEqual(['no pool', 'no sshd']);
    expect(failure?.message).toBe('no pool');
    expect(report.done).toEqual(['a']);
    expect(readdirSync(directory)).toEqual([]);
  });

  test('a machine that does not answer, and a bug, end it', async () => {
    const { obstacles } = await looked(refuses('no answer', true), refuses('no sshd'));
    expect(obstacles.map(({ message }) => message)).toEqual(['no answer']);
    const bug: Task = { title: 'x', machine, look: () => Promise.reject(new TypeError('bug')) };
    expect((await looked(refuses('no pool'), bug, refuses('no sshd'))).failure?.message).toBe('bug');
  });

  test('a run for real ends with the first', async () => {
    const { report, obstacles } = await run([refuses('no pool'), fileTask('a'), refuses('no sshd')]);
    expect([report.done, obstacles.length]).toEqual([[], 1]);
  });
});
