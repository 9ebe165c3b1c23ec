import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const hooks = resolve(import.meta.dirname, '../../../hooks');
const shells = ['/bin/sh', '/bin/dash', '/bin/ksh', '/bin/bash', '/bin/zsh'].filter((path) =>
  existsSync(path),
);

let root: string;
beforeEach(() => {
  // As installed, below a path with a space, which /Library/Application Support has too.
  root = join(mkdtempSync(join(tmpdir(), 'roamhome-hooks-')), 'roam home');
  cpSync(hooks, join(root, 'hooks'), { recursive: true });
});
afterEach(() => {
  rmSync(resolve(root, '..'), { recursive: true });
});

const write = (path: string, text: string) => {
  mkdirSync(resolve(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text);
  chmodSync(join(root, path), 0o755);
};
/** The place of node that the installer writes. */
const installNode = (path: string) => {
  const file = join(root, 'hooks/session-hook.sh');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^node=$/m, `node='${path}'`));
};
/** A roamhome that writes down how it was called, and ends with this exit code. */
const installRoamhome = (exitCode = 0) => {
  write(
    'bin/roamhome',
    `#!/bin/sh
{ printf '<%s>' "$@"; echo; pwd; umask; echo "$PATH"; readlink /proc/self/fd/0; } > '${root}/called'
echo 'said by roamhome' >&2
exit ${exitCode}
`,
  );
};
const called = () => readFileSync(join(root, 'called'), 'utf8').split('\n');

/** Runs a hook as loginwindow does: by its path, with nothing in the environment. */
async function runHook(hook: string, args: readonly string[], command: readonly string[] = []) {
  const [program = '', ...words] = [...command, join(root, hook), ...args];
  const child = spawn('/usr/bin/env', ['-i', program, ...words], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return { exitCode, said };
}

describe.each(['login', 'logout'] as const)('the %s hook', (action) => {
  const hook = `hooks/${action}-hook`;

  test.each(shells)('calls roamhome, under %s', async (shell) => {
    installNode(process.execPath);
    installRoamhome();
    expect((await runHook(hook, ['alice'], [shell])).exitCode).toBe(0);
    const [args, directory, umask, path, stdin] = called();
    expect(args).toBe(`<${action}><--><alice>`);
    expect(directory).toBe('/');
    expect(Number.parseInt(umask ?? '', 8)).toBe(0o077);
    expect(path).toBe(`${resolve(process.execPath, '..')}:/usr/bin:/bin:/usr/sbin:/sbin`);
    if (process.platform === 'linux') expect(stdin).toBe('/dev/null');
  });

  test('is quiet when all went well', async () => {
    installNode(process.execPath);
    installRoamhome();
    expect(await runHook(hook, ['alice'])).toEqual({ exitCode: 0, said: '' });
  });

  test.each(['-x', 'a b', '$(touch pwned)', '"; touch pwned; "', '*'])(
    'hands on %j as one word',
    async (user) => {
      installNode(process.execPath);
      installRoamhome();
      expect((await runHook(hook, [user])).exitCode).toBe(0);
      expect(called()[0]).toBe(`<${action}><--><${user}>`);
    },
  );

  test('is found through symbolic links', async () => {
    installNode(process.execPath);
    installRoamhome();
    mkdirSync(join(root, 'links'));
    symlinkSync(`../${hook}`, join(root, 'links/relative'));
    symlinkSync(join(root, 'links/relative'), join(root, 'links/absolute'));
    expect((await runHook('links/absolute', ['alice'])).exitCode).toBe(0);
    expect(called()[0]).toBe(`<${action}><--><alice>`);
  });

  test('runs dist/main.js where there is no bin/roamhome', async () => {
    installNode(process.execPath);
    write(
      'dist/main.js',
      `require('fs').writeFileSync(${JSON.stringify(join(root, 'called'))}, process.argv.slice(2).join());`,
    );
    expect(await runHook(hook, ['alice'])).toEqual({ exitCode: 0, said: '' });
    expect(called()).toEqual([`${action},--,alice`]);
  });

  test.each([1, 70, 75, 255])(
    'lets the session go on when roamhome ends with %i, and logs it',
    async (code) => {
      installNode(process.execPath);
      installRoamhome(code);
      const { exitCode, said } = await runHook(hook, ['alice']);
      expect(exitCode).toBe(0);
      expect(said).toContain(`${action} of alice: roamhome ended with exit code ${code}: said by roamhome`);
    },
  );

  test('lets the session go on when roamhome is killed', async () => {
    installNode(process.execPath);
    write('bin/roamhome', '#!/bin/sh\nkill -KILL $$\n');
    expect((await runHook(hook, ['alice'])).exitCode).toBe(0);
  });

  test.each([[[]], [['']]])('without a user name nothing is done: %j', async (args) => {
    installNode(process.execPath);
    installRoamhome();
    const { exitCode, said } = await runHook(hook, args);
    expect(exitCode).toBe(0);
    expect(said).toContain(`${action}: called without a user name`);
    expect(existsSync(join(root, 'called'))).toBe(false);
  });

  test('node is gone', async () => {
    const file = join(root, 'hooks/session-hook.sh');
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('/bin/node', '/gone/node'));
    installRoamhome();
    const { exitCode, said } = await runHook(hook, ['alice']);
    expect(exitCode).toBe(0);
    expect(said).toContain(`${action} of alice: node is not installed any more`);
    expect(existsSync(join(root, 'called'))).toBe(false);
  });

  test('roamhome is gone', async () => {
    installNode(process.execPath);
    const { exitCode, said } = await runHook(hook, ['alice']);
    expect(exitCode).toBe(0);
    expect(said).toContain('roamhome is not installed');
  });

  test('half of the hooks is gone', async () => {
    rmSync(join(root, 'hooks/session-hook.sh'));
    const { exitCode, said } = await runHook(hook, ['alice']);
    expect(exitCode).toBe(0);
    expect(said).toContain('session-hook.sh is missing');
  });
});

test.each([
  ['login', 1],
  ['logout', 0],
])('exit code 100 refuses a login, and nothing else: %s', async (action, want) => {
  installNode(process.execPath);
  installRoamhome(100);
  expect((await runHook(`hooks/${action}-hook`, ['alice'])).exitCode).toBe(want);
});
