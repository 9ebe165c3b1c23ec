import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gateCommand, policyText } from '../../../src/gate/policy.ts';
import { createSshHost } from '../../../src/host/ssh/ssh.ts';
import { encodeToken } from '../../../src/simulator/stream/token.ts';
import { listProperty } from '../../../src/zfs/commands/list.ts';
import { parseDatasetName } from '../../../src/zfs/names.ts';
import { createSyncZfs } from '../../../src/zfs/sync-zfs.ts';
import { policyOf } from '../../support/restrictions/restricted.ts';
import { recordedStream } from '../../support/recorded-streams.ts';
import { bundle } from '../../support/bundle.ts';
import { startSshd } from '../host/sshd.ts';

const home = 'data/profiles/alice';

/** Of a stream that begins a home. */
const recordedHead = recordedStream('full').subarray(0, 312);

/** Stands for zfs: tells how it was called, or does what a test needs of the verb. */
const fakeZfs = `#!/bin/sh
case "$1 $4" in
  "list 1") echo "cannot open '$8': dataset does not exist" >&2; exit 1 ;;
  "list "*) printf '%s\\n' "$@"; env | sort; exit 7 ;;
  "receive "*) sha256sum; echo received >&2 ;;
  "get "*) echo 4711 ;;
  "send -t"*) echo resumed ;;
  "send "*@now) kill -TERM $PPID; exec sleep 600 ;;
  "send "*) echo sending >&2; exec sleep 600 ;;
  "inherit "*) kill -9 $$ ;;
esac
`;

// The policy has to be root's.
describe.runIf(process.getuid?.() === 0)('the gate', () => {
  let gate: Awaited<ReturnType<typeof bundle>>;
  let directory: string;
  let policy: string;

  beforeAll(async () => {
    gate = await bundle('gate/main.ts');
    directory = mkdtempSync('/run/roamhome-gate-');
    // An account that is not root runs zfs.
    chmodSync(directory, 0o755);
    const zfs = join(directory, 'zfs');
    writeFileSync(zfs, fakeZfs, { mode: 0o755 });
    policy = join(directory, 'mac7.json');
    writeFileSync(policy, policyText({ ...policyOf('mac7'), zfs }), { mode: 0o644 });
  });

  afterAll(() => {
    gate.remove();
    rmSync(directory, { recursive: true });
  });

  function start(command: string | null, file = policy, options: readonly string[] = []) {
    const env = { PATH: '/nonexistent', FROM_CLIENT: 'x', SSH_CONNECTION: '192.0.2.7 1 192.0.2.1 22' };
    const child = spawn(process.execPath, [...options, gate.path, file], {
      env: command === null ? env : { ...env, SSH_ORIGINAL_COMMAND: command },
    });
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.stdin.on('error', () => undefined);
    const ended = once(child, 'close').then(([code, signal]: unknown[]) => ({
      code,
      signal,
      stdout: Buffer.concat(out).toString(),
      stderr: Buffer.concat(err).toString(),
    }));
    return { child, ended };
  }

  async function run(command: string | null, file?: string, input: Buffer | string = '') {
    const { child, ended } = start(command, file);
    child.stdin.end(input);
    return ended;
  }

  test('runs zfs with the words as they are and an environment of its own, and ends as it does', async () => {
    expect(await run(`zfs list -Hp -o roamhome:session ${home}`)).toEqual({
      code: 7,
      signal: null,
      stdout: [
        'list',
        '-Hp',
        '-o',
        'roamhome:session',
        home,
        'LC_ALL=C',
        'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
        `PWD=${process.cwd()}`,
        '',
      ].join('\n'),
      stderr: '',
    });
  });

  test('hands a stream through to its end, and what zfs says', async () => {
    const stream = Buffer.concat([recordedHead, randomBytes(5_000_000)]);
    const digest = createHash('sha256').update(stream).digest('hex');
    expect(await run(`zfs receive -u -s ${home}`, policy, stream)).toMatchObject({
      code: 0,
      stdout: `${digest}  -\n`,
      stderr: 'received\n',
    });
  });

  test('a signal ends zfs too, and a zfs that a signal ended is told as such', async () => {
    const { child, ended } = start(`zfs send -P -v ${home}@a`);
    await once(child.stderr, 'data');
    const [zfs = ''] = readFileSync(`/proc/${child.pid ?? 0}/task/${child.pid ?? 0}/children`, 'utf8').split(
      ' ',
    );
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: null, signal: 'SIGTERM', stderr: 'sending\n' });
    expect(() => process.kill(Number(zfs), 0)).toThrow('ESRCH');
    expect(await run(`zfs inherit roamhome:session ${home}`)).toMatchObject({
      code: null,
      signal: 'SIGKILL',
    });
  });

  // A zfs that lived on would keep the home busy.
  test('a signal that comes as soon as zfs runs ends both', async () => {
    const preload = join(directory, 'slow-spawn.mjs');
    writeFileSync(
      preload,
      `import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
const { spawn } = childProcess;
childProcess.spawn = (...words) => {
  const child = spawn(...words);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
  return child;
};
syncBuiltinESMExports();
`,
    );
    const { ended } = start(`zfs send -P -v ${home}@now`, policy, ['--import', preload]);
    expect(await ended).toMatchObject({ code: null, signal: 'SIGTERM' });
  });

  test.each([
    ['nothing', null, 'no command was given'],
    ['what is not Roamhome’s', `zfs destroy ${home}`, 'it is no command of Roamhome'],
    [
      'what a shell would read more in',
      `zfs list -Hp -o name ${home};id`,
      'it has other characters than the commands of Roamhome',
    ],
  ])('refuses %s', async (_what, command, why) => {
    expect(await run(command)).toEqual({
      code: 126,
      signal: null,
      stdout: '',
      stderr: `roamhome-gate: refused: ${why}\n`,
    });
  });

  test('a token passes only with the guid that the snapshot has: zfs would look for any other in the whole pool', async () => {
    const send = (toguid: string): string =>
      `zfs send -P -v -t ${encodeToken({ toguid, fromguid: null, toname: `${home}@a`, bytes: 1, flags: [] })}`;
    expect(await run(send('4711'))).toMatchObject({ code: 0, stdout: 'resumed\n' });
    expect(await run(send('4712'))).toMatchObject({
      code: 126,
      stdout: '',
      stderr: `roamhome-gate: refused: cannot resume send: '${home}@a' used in the initial send no longer exists\n`,
    });
  });

  describe('refuses everything', () => {
    const legal = `zfs list -Hp -o name ${home}`;
    test.each<[string, (file: string) => void, RegExp]>([
      [
        'without a policy',
        (file) => {
          rmSync(file);
        },
        /ENOENT/,
      ],
      [
        'with half a policy',
        (file) => {
          writeFileSync(file, '{ "mac": "mac7"');
        },
        /JSON/,
      ],
      [
        'with a setting that it does not know',
        (file) => {
          writeFileSync(file, readFileSync(file, 'utf8').replace('"users"', '"user"'));
        },
        /"user" is no setting/,
      ],
      [
        'with a policy that its group can change',
        (file) => {
          chmodSync(file, 0o664);
        },
        /others than root can change/,
      ],
      [
        'with a policy of somebody else’s',
        (file) => {
          chownSync(file, 65_534, 65_534);
        },
        /others than root can change/,
      ],
    ])('%s', async (_what, spoil, why) => {
      const file = join(directory, 'spoilt.json');
      writeFileSync(file, readFileSync(policy), { mode: 0o644 });
      spoil(file);
      const refused = await run(legal, file);
      expect(refused).toMatchObject({ code: 126, stdout: '' });
      expect(refused.stderr).toMatch(/^roamhome-gate: refused: the policy \S+ cannot be used: .*\n$/);
      expect(refused.stderr).toMatch(why);
    });

    test('with a policy in a directory that others can change', async () => {
      const open = join(directory, 'open');
      const file = join(mkdtempSync(open), 'mac7.json');
      writeFileSync(file, readFileSync(policy), { mode: 0o644 });
      chmodSync(join(file, '..'), 0o777);
      expect(await run(legal, file)).toMatchObject({
        code: 126,
        stderr: expect.stringContaining('others than root') as string,
      });
    });
  });

  test('says that there is no zfs in the words that the client knows', async () => {
    const file = join(directory, 'no-zfs.json');
    writeFileSync(file, policyText({ ...policyOf('mac7'), zfs: '/nonexistent/zfs' }), { mode: 0o644 });
    expect(await run(`zfs list -Hp -o name ${home}`, file)).toMatchObject({
      code: 127,
      stderr: expect.stringMatching(/^zfs: not found/) as string,
    });
  });

  test('as the forced command of a key, behind a real sshd', async () => {
    const sshd = await startSshd();
    const file = sshd.userKey('ed25519', false);
    const words = gateCommand({ node: process.execPath, gate: gate.path, policy });
    const key = readFileSync(`${file}.pub`, 'utf8').trim();
    writeFileSync(
      join(sshd.directory, 'authorized_keys'),
      `restrict,command="${words.join(' ')}" ${key} mac7\n`,
    );
    const host = createSshHost({ ...sshd.options, identityFile: file });
    try {
      const ran = await host.run(['zfs', 'list', '-Hp', '-o', 'roamhome:session', home]);
      expect(ran).toMatchObject({ exitCode: 7, stderr: '' });
      expect(ran.stdout).toMatch(/^list\n-Hp\n/);
      const zfs = createSyncZfs(host, { command: () => undefined, warning: () => undefined });
      await expect(zfs.run(listProperty(parseDatasetName('rpool/ROOT'), 'name'))).rejects.toMatchObject({
        code: 'command-refused',
        message: expect.stringContaining('rpool/ROOT is no home and no conflict') as string,
      });
      const receive = await host.stream(['zfs', 'receive', '-u', '-s', home]);
      receive.stdin.write(recordedHead);
      receive.stdin.end();
      receive.stdout.resume();
      expect(await receive.done).toMatchObject({ exitCode: 0, stderr: 'received\n' });
    } finally {
      await host.close();
      await sshd.stop();
    }
  });
});
