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
import { createRoamingMac } from '../../support/roaming-mac.ts';

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
  writeFileSync(join(root, 'hooks/node'), `${path}\n`);
};
/** The places where the hooks look for node without that, and besides. */
const hideUsualNodes = () => {
  const file = join(root, 'hooks/session-hook.sh');
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll('/bin/node', '/gone/node'));
};
/** A hook of somebody else's, which writes down how it was called; in a directory of its own. */
const installBefore = (action: string, exitCode = 0) => {
  write(
    'other/hook',
    `#!/bin/sh
{ printf '<%s>' "$@"; echo; pwd; umask; echo "$PATH"; ls '${root}/called' 2>&1; } > '${root}/before'
exit ${exitCode}
`,
  );
  writeFileSync(join(root, `hooks/${action}-before`), `${join(root, 'other/hook')}\n`);
};
const calledBefore = () => readFileSync(join(root, 'before'), 'utf8').split('\n');
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

describe.runIf(process.getuid?.() === 0)('on a machine whose role is the server', () => {
  let mac: Awaited<ReturnType<typeof createRoamingMac>>;
  beforeEach(async () => {
    mac = await createRoamingMac({ alice: 1 });
  }, 60_000);
  afterEach(async () => {
    await mac.remove();
  });

  test.each(['login', 'logout'])(
    'the %s hook lets the user through, and says why it does nothing',
    async (action) => {
      writeFileSync(
        join(mac.directory, 'config.json'),
        JSON.stringify({ role: 'server', zfsPath: [join(mac.directory, 'mac/bin')] }),
      );
      installNode(process.execPath);
      // Without the `--` before the user: the program of the test puts an option behind.
      write('bin/roamhome', `#!/bin/sh\nexec ${join(mac.bin, 'roamhome')} "$1" "$3"\n`);
      const { exitCode, said } = await runHook(`hooks/${action}-hook`, ['alice']);
      expect(exitCode).toBe(0);
      // As it is in the system's log too.
      expect(said).toMatch(new RegExp(`this machine is the server .*; ${action} is for Macs`));
      expect(said).toContain(`${action} of alice: roamhome ended with exit code 64`);
    },
  );
});

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

  test.each(shells)(
    'lets nothing of the environment have node load another program, under %s',
    async (shell) => {
      installNode(process.execPath);
      write('attack.js', `require('fs').writeFileSync('${root}/attacked', '')`);
      write(
        'dist/main.js',
        `require('fs').writeFileSync('${root}/environment', JSON.stringify(process.env))`,
      );
      const kept = {
        ...{
          HOME: '/root',
          LANG: 'de_DE.UTF-8',
          TERM: 'a \'$(x)"\\ b',
          SUDO_USER: 'admin',
          XDG_SESSION_ID: 'c1',
        },
        ...{ PAM_TYPE: 'open_session', PAM_USER: 'alice', PAM_SERVICE: 'gdm-password' },
      };
      const environment = {
        ...kept,
        ...{ NODE_OPTIONS: `--require="${root}/attack.js"`, NODE_PATH: root, OPENSSL_CONF: `${root}/x.cnf` },
        ...{ BASH_ENV: '/nothing', ENV: '/nothing', PYTHONPATH: root, PERL5LIB: root, LD_LIBRARY_PATH: root },
      };
      const set = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
      expect(await runHook(hook, ['alice'], ['/usr/bin/env', ...set, shell])).toEqual({
        exitCode: 0,
        said: '',
      });
      expect(existsSync(join(root, 'attacked'))).toBe(false);
      const seen = JSON.parse(readFileSync(join(root, 'environment'), 'utf8')) as Record<string, string>;
      expect(seen).toEqual({ ...kept, PATH: '/usr/bin:/bin:/usr/sbin:/sbin' });
    },
  );

  test('is told by PAM who it is', async () => {
    installNode(process.execPath);
    installRoamhome();
    expect(await runHook(hook, [], ['/usr/bin/env', 'PAM_USER=alice'])).toEqual({ exitCode: 0, said: '' });
    expect(called()[0]).toBe(`<${action}><--><alice>`);
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

  test('runs it without the options that its node does not know', async () => {
    write(
      'old/node',
      `#!/bin/sh
case $1 in --*) echo "$0: bad option: $1" >&2; exit 9 ;; esac
exec '${process.execPath}' "$@"
`,
    );
    installNode(join(root, 'old/node'));
    write(
      'dist/main.js',
      `require('fs').writeFileSync(${JSON.stringify(join(root, 'called'))}, process.argv.slice(2).join());`,
    );
    expect(await runHook(hook, ['alice'])).toEqual({ exitCode: 0, said: '' });
    expect(called()).toEqual([`${action},--,alice`]);
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

  test.each([null, '/usr/local/Cellar/node/20.1/bin/node', '/'])(
    'node is gone, which was installed as %s',
    async (installed) => {
      hideUsualNodes();
      if (installed !== null) installNode(installed);
      installRoamhome();
      const { exitCode, said } = await runHook(hook, ['alice']);
      expect(exitCode).toBe(0);
      expect(said).toContain(
        `${action} of alice: node${installed === null ? '' : `, which was ${installed},`} is not installed any more`,
      );
      expect(existsSync(join(root, 'called'))).toBe(false);
    },
  );

  test.runIf(existsSync('/usr/bin/node'))(
    'another node does when the installed one is gone, which is said',
    async () => {
      installNode('/gone/node');
      installRoamhome();
      const { exitCode, said } = await runHook(hook, ['alice']);
      expect(exitCode).toBe(0);
      expect(said).toMatch(
        /\/gone\/node, the node that Roamhome was installed with, is gone; \/\S+\/node is taken/,
      );
      expect(called()[0]).toBe(`<${action}><--><alice>`);
    },
  );

  test('runs the program that it was installed with, wherever that is', async () => {
    installNode(process.execPath);
    installRoamhome();
    write(
      'elsewhere/dist/main.js',
      `require('fs').writeFileSync(${JSON.stringify(join(root, 'called'))}, process.argv.slice(2).join());`,
    );
    writeFileSync(join(root, 'hooks/program'), `${join(root, 'elsewhere/dist/main.js')}\n`);
    expect(await runHook(hook, ['alice'])).toEqual({ exitCode: 0, said: '' });
    expect(called()).toEqual([`${action},--,alice`]);
    rmSync(join(root, 'elsewhere'), { recursive: true });
    expect(await runHook(hook, ['alice'])).toMatchObject({
      exitCode: 0,
      said: expect.stringContaining('is not installed as') as string,
    });
  });

  test.each(shells)(
    'the hook that was there before gets the same arguments, umask and place, under %s',
    async (shell) => {
      installNode(process.execPath);
      installRoamhome();
      installBefore(action);
      expect(
        await runHook(
          hook,
          ['alice', '-x y', '$(z)'],
          ['/bin/sh', '-c', 'umask 027; exec "$@"', 'sh', shell],
        ),
      ).toEqual({ exitCode: 0, said: '' });
      const [args, directory, umask, , ours] = calledBefore();
      expect(args).toBe('<alice><-x y><$(z)>');
      expect(directory).toBe(root);
      expect(Number.parseInt(umask ?? '', 8)).toBe(0o027);
      // The home is there for it: mounted already at a login, mounted still at a logout.
      expect(ours === join(root, 'called')).toBe(action === 'login');
      expect(called()[0]).toBe(`<${action}><--><alice>`);
    },
  );

  test('the failure of the hook that was there before does not stop ours', async () => {
    installNode(process.execPath);
    installRoamhome();
    installBefore(action, 9);
    const { exitCode, said } = await runHook(hook, ['alice']);
    expect(exitCode).toBe(0);
    expect(said).toContain('the hook that was there before, ended with exit code 9');
    expect(called()[0]).toBe(`<${action}><--><alice>`);

    rmSync(join(root, 'called'));
    rmSync(join(root, 'other'), { recursive: true });
    const gone = await runHook(hook, ['alice']);
    expect(gone.exitCode).toBe(0);
    expect(gone.said).toContain('other/hook, the hook that was there before, cannot be run');
    expect(called()[0]).toBe(`<${action}><--><alice>`);
  });

  test('our failure does not stop the hook that was there before', async () => {
    installNode('/gone/node');
    hideUsualNodes();
    installBefore(action);
    expect((await runHook(hook, ['alice'])).exitCode).toBe(0);
    expect(calledBefore()[0]).toBe('<alice>');
  });

  test.each(shells)('a script that does what ours does is not called, under %s', async (shell) => {
    installNode(process.execPath);
    installRoamhome();
    installBefore(action);
    const path = join(root, 'other/hook');
    writeFileSync(path, `${readFileSync(path, 'utf8')}# ssh server 'zfs receive -v -F data/profiles'\n`);
    const { exitCode, said } = await runHook(hook, ['alice'], [shell]);
    expect(exitCode).toBe(0);
    expect(said).toContain('other/hook is not called: it does what Roamhome does');
    expect(existsSync(join(root, 'before'))).toBe(false);
    expect(called()[0]).toBe(`<${action}><--><alice>`);
  });

  test('two hooks that call each other come to an end', async () => {
    installNode(process.execPath);
    installRoamhome();
    write('other/hook', `#!/bin/sh\necho >> '${root}/times'\n'${join(root, hook)}' "$@"\n`);
    writeFileSync(join(root, `hooks/${action}-before`), `${join(root, 'other/hook')}\n`);
    const { exitCode, said } = await runHook(hook, ['alice']);
    expect(exitCode).toBe(0);
    expect(said).toContain('nothing is done again');
    expect(readFileSync(join(root, 'times'), 'utf8')).toBe('\n');
    expect(called()[0]).toBe(`<${action}><--><alice>`);
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
