import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { bundle } from '../../support/bundle.ts';

let library: Awaited<ReturnType<typeof bundle>>;
const children: ChildProcess[] = [];
beforeAll(async () => {
  library = await bundle('cli/run.ts', 'errors/errors.ts', 'host/local.ts');
});
afterAll(() => {
  library.remove();
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** Runs `roamhome work` with this handler in a process of its own. */
function startWork(handler: string, ...args: string[]) {
  const script = `
    import { createLocalHost, run, RoamhomeError } from ${JSON.stringify(library.path)};
    const work = (program, context) => program.command('work', 'Work', (y) => y, async () => { ${handler} });
    await run(process.argv.slice(1), [work]);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, '--', 'work', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  return { child, end: async () => ({ ended: (await once(child, 'close')) as unknown, said }) };
}

// Something must keep the process alive, as a connection or a child process does.
const ready = `context.print('ready'); const alive = setInterval(() => undefined, 1000);`;

test('an exit code of the command’s choice', async () => {
  const { end } = startWork('context.setExitCode(100);');
  expect(await end()).toEqual({ ended: [100, null], said: '' });
});

test('an error is reported, and its exit code is that of sysexits', async () => {
  const { end } = startWork(
    `throw new RoamhomeError({ code: 'locked', message: 'taken', remedy: 'Wait.', cause: new Error('why') });`,
  );
  expect(await end()).toEqual({ ended: [75, null], said: 'roamhome: taken\n  what to do: Wait.\n' });
});

test('a bug is reported with its stack', async () => {
  const { ended, said } = await startWork(`throw new TypeError('oops');`).end();
  expect(ended).toEqual([70, null]);
  expect(said).toMatch(/^roamhome: TypeError: oops\n +at [\s\S]*please report this/);
});

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s lets the command end in order', async (signal) => {
  const { child, end } = startWork(`${ready}
    await new Promise((resolve) => context.signal.addEventListener('abort', resolve));
    clearInterval(alive);
    context.signal.throwIfAborted();`);
  await once(child.stdout, 'data');
  child.kill(signal);
  expect(await end()).toEqual({
    ended: [75, null],
    said: `roamhome: stopped by ${signal}\n  what to do: Run it again: it continues where it was stopped.\n`,
  });
});

test('a signal does so also while a program runs here', async () => {
  const { child, end } = startWork(`context.print('ready');
    const host = createLocalHost({ name: 'here', path: ['/usr/bin', '/bin'] });
    await host.run(['sleep', '30'], { signal: context.signal }).catch(() => undefined);
    context.signal.throwIfAborted();`);
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  expect((await end()).ended).toEqual([75, null]);
});

test('a second signal ends it at once', async () => {
  const { child, end } = startWork(`${ready}
    context.signal.addEventListener('abort', () => context.print('aborted'));
    await new Promise(() => undefined);`);
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  await once(child.stdout, 'data');
  child.kill('SIGINT');
  expect((await end()).ended).toEqual([null, 'SIGINT']);
});

test('nobody reads the output any more', async () => {
  const { child, end } = startWork(`${ready}
    await new Promise((resolve) => context.signal.addEventListener('abort', resolve));
    clearInterval(alive);
    for (let i = 0; i < 100; i++) { context.print('x'.repeat(10_000)); await new Promise(setImmediate); }`);
  await once(child.stdout, 'data');
  child.stdout.destroy();
  child.kill('SIGTERM');
  expect(await end()).toEqual({ ended: [0, null], said: '' });
});

test('an output that cannot be written is a failure, told in a line', () => {
  const script = `
    import { run } from ${JSON.stringify(library.path)};
    const work = (program, context) => program.command('work', 'Work', (y) => y, async () => { context.print('x'); });
    await run(['work'], [work]);`;
  const full = openSync('/dev/full', 'w');
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    ...{ stdio: ['ignore', full, 'pipe'], encoding: 'utf8' },
  });
  closeSync(full);
  expect(stderr).toMatch(/^roamhome: the output cannot be written: ENOSPC[^\n]*\n {2}what to do: [^\n]*\n$/);
  expect(status).toBe(72);
});
