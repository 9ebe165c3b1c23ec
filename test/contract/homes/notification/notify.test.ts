import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { statusJson } from '../../../../src/watchers/status-json.ts';
import { bundle } from '../../../support/bundle.ts';
import { done, failed } from '../../../support/watchers/views.ts';

const user = userInfo().username;
let program: Awaited<ReturnType<typeof bundle>>;
let directory: string;
const at = (name: string): string => join(directory, name);
beforeAll(async () => {
  program = await bundle('cli/run.ts', 'cli/notify/command.ts');
});
afterAll(() => {
  program.remove();
});
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'roamhome-notify-'));
  for (const name of ['osascript', 'notify-send']) {
    copyFileSync(new URL('fakes/osascript', import.meta.url), at(name));
    chmodSync(at(name), 0o755);
  }
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** Runs it as launchd or the desktop does. */
function notify(kind: 'macos' | 'linux') {
  const place = JSON.stringify({ kind, path: [directory] });
  const main = `import { run, notifyAt } from ${JSON.stringify(program.path)};
await run(process.argv.slice(1), [notifyAt(${place})]);`;
  const { status, stdout, stderr } = spawnSync(
    '/usr/bin/env',
    [
      ...['-i', `HOME=${directory}`, 'XDG_RUNTIME_DIR=/run/user/7', 'SECRET=x', process.execPath],
      ...['--input-type=module', '-e', main, '--', 'notify', '--directory', directory],
    ],
    { encoding: 'utf8', timeout: 60_000 },
  );
  return { status, stdout, stderr };
}
const shown = (): string => (existsSync(at('shown')) ? readFileSync(at('shown'), 'utf8') : '');
const tell = (view: typeof done): void => {
  writeFileSync(
    at(`${user}.json`),
    statusJson({ what: 'login', user }, process.pid, { ...view, at: Date.now() }),
    { mode: 0o644 },
  );
};
const quiet = { status: 0, stdout: '', stderr: '' };

describe.each(['macos', 'linux'] as const)('a notice after login on %s', (kind) => {
  test('what went wrong, and what is to be known, with the session’s variables alone', () => {
    tell({ ...failed, notices: ['What was made "here" is kept; $(id)'] });
    expect(notify(kind)).toEqual(quiet);
    const lines = shown().split('\n');
    expect(lines).toContain(
      'The server cannot be reached now. You see your home as it was last on this computer. Your work is safe here and is sent later.',
    );
    expect(lines).toContain('What was made "here" is kept; $(id)');
    expect(lines.filter((line) => line === 'session /run/user/7')).toHaveLength(2);
  });

  test('nothing when all went well', () => {
    tell(done);
    expect(notify(kind)).toEqual(quiet);
    expect(shown()).toBe('');
  });

  test('a program that fails is told', () => {
    writeFileSync(at('broken'), '');
    tell(failed);
    expect(notify(kind)).toMatchObject({
      status: 71,
      stderr: expect.stringMatching(/exit code 3: cannot show it/) as string,
    });
  });

  test('a program that is not installed is told', () => {
    rmSync(at(kind === 'macos' ? 'osascript' : 'notify-send'));
    tell(failed);
    expect(notify(kind)).toMatchObject({
      status: 71,
      stderr: expect.stringMatching(/osascript|notify-send/) as string,
    });
  });
});

test.each<[string, () => void]>([
  [
    'a link',
    () => {
      writeFileSync(at('other'), statusJson({ what: 'login', user }, 7, failed));
      symlinkSync(at('other'), at(`${user}.json`));
    },
  ],
  [
    'a file that everybody can write',
    () => {
      tell(failed);
      chmodSync(at(`${user}.json`), 0o666);
    },
  ],
  [
    'no JSON',
    () => {
      writeFileSync(at(`${user}.json`), 'x');
    },
  ],
])('%s in the place of the status file is not shown', (_what, put) => {
  put();
  expect(notify('linux')).toMatchObject({
    status: 72,
    stderr: expect.stringMatching(/cannot be read as the state of a run/) as string,
  });
  expect(shown()).toBe('');
});
