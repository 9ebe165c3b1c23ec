import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createLog, type LogOptions } from '../../../src/log/create-log.ts';
import { bundle } from '../../support/bundle.ts';

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'roamhome-log-'));
  file = join(directory, 'logs', 'roamhome.log');
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

const options = (more: Partial<LogOptions> = {}): LogOptions => ({
  file,
  level: 'info',
  maxMebibytes: 1,
  keepFiles: 3,
  terminal: 'off',
  ...more,
});
const linesOf = (path: string) =>
  readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** A standard error that remembers. */
function remember() {
  const chunks: string[] = [];
  const stderr = new Writable({
    decodeStrings: false,
    write: (chunk: string, _encoding, done) => {
      chunks.push(chunk);
      done();
    },
  });
  return { stderr, text: () => chunks.join('') };
}

describe('the file', () => {
  test('one JSON object a line, with the fields of the children', async () => {
    const log = createLog(options());
    const child = log.child({ run: 'r1' }).child({ user: 'alice' });
    log.info('started');
    child.warn('slow', { durationMs: 12, message: 'kept apart' });
    child.debug('not at this level');
    child.error('failed', { user: 'bob' });
    await log.close();
    expect(linesOf(file)).toEqual([
      { time: expect.stringMatching(/^20.*Z$/) as string, level: 'info', event: 'started' },
      expect.objectContaining({
        level: 'warn',
        event: 'slow',
        run: 'r1',
        user: 'alice',
        message: 'kept apart',
      }),
      expect.objectContaining({ level: 'error', event: 'failed', run: 'r1', user: 'bob' }),
    ]);
  });

  test('is private, and so is its directory', async () => {
    const log = createLog(options());
    log.info('x');
    await log.close();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(directory, 'logs')).mode & 0o027).toBe(0);
  });

  test('is not made when there is nothing to say', async () => {
    await createLog(options()).close();
    expect(existsSync(file)).toBe(false);
  });

  test('is appended to', async () => {
    for (const event of ['one', 'two']) {
      const log = createLog(options());
      log.info(event);
      await log.close();
    }
    expect(linesOf(file).map(({ event }) => event)).toEqual(['one', 'two']);
  });

  test.each([
    ['half a line', '{"time":"20'],
    ['zeros', '\0'.repeat(40)],
  ])('is gone on with on a new line after a power cut left %s', async (_what, end) => {
    mkdirSync(join(directory, 'logs'));
    writeFileSync(file, `{"event":"one"}\n${end}`);
    const log = createLog(options());
    log.info('two');
    await log.close();
    const lines = readFileSync(file, 'utf8').split('\n');
    expect(lines.slice(0, 2)).toEqual(['{"event":"one"}', end]);
    expect(JSON.parse(lines[2] ?? '')).toMatchObject({ event: 'two' });
    expect(lines.slice(3)).toEqual(['']);
  });

  test('is rotated by size, and the oldest go', async () => {
    const log = createLog(options({ maxMebibytes: 1 / 1024 }));
    for (let n = 0; n < 100; n++) log.info('event', { n });
    await log.close();
    expect(readdirSync(join(directory, 'logs')).sort()).toEqual([
      'roamhome.log',
      'roamhome.log.1',
      'roamhome.log.2',
    ]);
    const kept = [`${file}.2`, `${file}.1`, file].flatMap((path) => linesOf(path).map(({ n }) => n));
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, i) => 100 - kept.length + i));
    for (const path of [file, `${file}.1`, `${file}.2`])
      expect(statSync(path).size).toBeLessThanOrEqual(1024);
  });

  test('of which only one is kept', async () => {
    const log = createLog(options({ maxMebibytes: 1 / 1024, keepFiles: 1 }));
    for (let n = 0; n < 50; n++) log.info('event', { n });
    await log.close();
    expect(readdirSync(join(directory, 'logs'))).toEqual(['roamhome.log']);
    expect(linesOf(file).at(-1)).toMatchObject({ n: 49 });
  });

  test('shared by two runs loses no line to the rotation of the other', async () => {
    const shared = options({ maxMebibytes: 1 / 1024, keepFiles: 100 });
    const logs = [createLog(shared), createLog(shared)];
    for (let n = 0; n < 50; n++) for (const [i, log] of logs.entries()) log.info('event', { n: 2 * n + i });
    await Promise.all(logs.map((log) => log.close()));
    const seen = readdirSync(join(directory, 'logs')).flatMap((name) =>
      linesOf(join(directory, 'logs', name)).map(({ n }) => n as number),
    );
    expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, n) => n));
  });

  test('close can be called twice, and what comes later is no failure', async () => {
    const log = createLog(options());
    log.info('one');
    await Promise.all([log.close(), log.child({}).close()]);
    log.info('two');
    await log.close();
    expect(linesOf(file)).toHaveLength(1);
  });
});

describe('a file that cannot be written never fails the run', () => {
  const spoil: Record<string, () => void> = {
    'a symbolic link': () => {
      mkdirSync(join(directory, 'logs'));
      writeFileSync(join(directory, 'target'), '');
      symlinkSync(join(directory, 'target'), file);
    },
    'a second name of another file': () => {
      mkdirSync(join(directory, 'logs'));
      writeFileSync(join(directory, 'target'), '');
      linkSync(join(directory, 'target'), file);
    },
    'a directory': () => {
      mkdirSync(file, { recursive: true });
    },
    'a directory that is a file': () => {
      writeFileSync(join(directory, 'logs'), '');
    },
  };

  test.each(Object.keys(spoil))('%s: the system log has the events', async (name) => {
    spoil[name]?.();
    const said: string[] = [];
    const log = createLog(
      options({
        level: 'debug',
        systemLog: (priority, message) => {
          said.push(`${priority}: ${message}`);
          return Promise.resolve();
        },
      }),
    );
    log.info('one', { user: 'alice' });
    log.debug('too much for the system log');
    log.error('two');
    await log.close();
    expect(said).toEqual([
      expect.stringMatching(/^warning: cannot write the log file .*roamhome\.log: /),
      'info: info  one user=alice',
      'err: error two',
    ]);
    if (existsSync(join(directory, 'target')))
      expect(readFileSync(join(directory, 'target'), 'utf8')).toBe('');
  });

  test('on a terminal it is said once', async () => {
    spoil['a directory']?.();
    const { stderr, text } = remember();
    const log = createLog(options({ terminal: 'plain', stderr }));
    log.info('one');
    log.info('two');
    await log.close();
    expect(text().match(/cannot write the log file/g)).toHaveLength(1);
    expect(text()).toMatch(/info {2}one\n/);
    expect(text()).toMatch(/info {2}two\n/);
  });

  test('not even with a system log that fails', async () => {
    spoil['a directory']?.();
    const log = createLog(options({ systemLog: () => Promise.reject(new Error('gone')) }));
    log.info('one');
    await log.close();
  });
});

test('lines for people go to standard error, and survive its end', async () => {
  const { stderr, text } = remember();
  const log = createLog(options({ terminal: 'plain', stderr }));
  log.info('one', { user: 'alice' });
  await log.close();
  expect(text()).toMatch(/^\d\d:\d\d:\d\d info {2}one user=alice\n$/);

  const broken = new Writable({
    write: (_chunk, _encoding, done) => {
      done(new Error('EPIPE'));
    },
  });
  const other = createLog(options({ terminal: 'tty', stderr: broken }));
  other.info('two');
  other.info('three');
  await other.close();
  expect(linesOf(file).map(({ event }) => event)).toEqual(['one', 'two', 'three']);
});

describe('in a process of its own', () => {
  let library: Awaited<ReturnType<typeof bundle>>;
  beforeAll(async () => {
    library = await bundle('log/create-log.ts');
  });
  afterAll(() => {
    library.remove();
  });

  test('nothing is lost at the end', { timeout: 30_000 }, async () => {
    const script = `
      import { createLog } from ${JSON.stringify(library.path)};
      const log = createLog(${JSON.stringify(options({ maxMebibytes: 0.1, keepFiles: 1000 }))});
      for (let n = 0; n < 5000; n++) log.info('event', { n, bytes: 1n });
      await log.close();
      process.exitCode = 7;`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
    expect(await once(child, 'exit')).toEqual([7, null]);
    const names = readdirSync(join(directory, 'logs'));
    expect(names.length).toBeGreaterThan(2);
    const seen = names.flatMap((name) => linesOf(join(directory, 'logs', name)).map(({ n }) => n as number));
    expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 5000 }, (_, n) => n));
  });

  test('a full disk is said once, and the events go where they can', { timeout: 30_000 }, async () => {
    const script = `
      import { createLog } from ${JSON.stringify(library.path)};
      const log = createLog(${JSON.stringify(options({ terminal: 'plain' }))});
      for (let n = 0; n < 200; n++) log.info('event', { n });
      await log.close();
      process.exitCode = 7;`;
    // A limit on the size of files refuses the write as a full disk does: EFBIG instead of ENOSPC.
    const limited = [
      '-c',
      'ulimit -f 8; exec "$@"',
      'sh',
      process.execPath,
      '--input-type=module',
      '-e',
      script,
    ];
    const child = spawn('/bin/sh', limited, { stdio: ['ignore', 'inherit', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    expect(await once(child, 'close')).toEqual([7, null]);
    expect(statSync(file).size).toBeGreaterThan(1000);
    expect(said.match(/cannot write the log file .*EFBIG/g)).toHaveLength(1);
    expect(said.match(/ event n=/g)).toHaveLength(200);
  });
});
