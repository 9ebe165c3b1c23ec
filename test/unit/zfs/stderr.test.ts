import { describe, expect, test } from 'vitest';
import type { ErrorCode } from '../../../src/errors/errors.ts';
import type { Argv } from '../../../src/host/host.ts';
import { warningsOf, zfsError } from '../../../src/zfs/stderr.ts';
import { result } from '../../support/fake-host.ts';

const home = 'data/profiles/alice';
const list: Argv = ['zfs', 'list', '-Hp', '-r', home];
const receive: Argv = ['zfs', 'receive', '-u', '-s', home];
const send: Argv = ['zfs', 'send', '-P', '-v', `${home}@a`];

// All of them as OpenZFS 2.3.2 on Linux and the shells of Debian 12 printed them, but where a line says otherwise.
const seen: readonly (readonly [stderr: string, ErrorCode, exitCode?: number])[] = [
  [`cannot open '${home}': dataset does not exist\n`, 'dataset-missing'],
  [
    "cannot open 'data/nope': dataset does not exist\ncannot receive new filesystem stream: unable to restore to destination\n",
    'dataset-missing',
  ],
  [`cannot open '${home}@gone': snapshot does not exist\n`, 'dataset-missing'],
  ['cannot receive incremental stream: permission denied\n', 'permission-denied'],
  ['cannot receive new filesystem stream: permission denied\n', 'permission-denied'],
  [`warning: cannot send '${home}@a': permission denied\n`, 'permission-denied'],
  [`cannot hold: permission denied\ncannot send '${home}': permission denied\n`, 'hold-denied'],
  [`cannot set property for '${home}': permission denied\n`, 'permission-denied', 255],
  ['cannot create snapshots : permission denied\n', 'permission-denied'],
  [`cannot destroy '${home}/%recv': permission denied\n`, 'permission-denied'],
  [`cannot receive incremental stream: destination ${home} space quota exceeded.\n`, 'quota-exceeded'],
  [`cannot receive resume stream: destination ${home} space quota exceeded.\n`, 'quota-exceeded'],
  ['cannot receive incremental stream: out of space\n', 'no-space'],
  ['cannot receive incremental stream: dataset is busy\n', 'dataset-busy'],
  [
    "cannot destroy snapshot data/a@x: it's being held. Run 'zfs holds -r data/a@x' to see holders.\n",
    'dataset-busy',
  ],
  [
    `cannot destroy '${home}@a': snapshot has dependent clones\nuse '-R' to destroy the following datasets:\ndata/b\n`,
    'dataset-busy',
  ],
  ['could not find any snapshots to destroy; check snapshot names.\n', 'dataset-missing'],
  [`bookmark '${home}#a' does not exist.\n`, 'dataset-missing'],
  [`cannot unmount '/Users/alice': pool or dataset is busy\n`, 'dataset-busy'],
  [`cannot unmount '${home}': not currently mounted\n`, 'not-mounted'],
  [
    `cannot receive incremental stream: destination ${home} contains partially-complete state from "zfs receive -s".\n`,
    'partial-state',
  ],
  [
    `cannot receive incremental stream: destination ${home} has been modified\nsince most recent snapshot\n`,
    'dataset-modified',
  ],
  [
    `cannot receive incremental stream: most recent snapshot of ${home} does not\nmatch incremental source\n`,
    'no-common-base',
  ],
  [
    `cannot receive new filesystem stream: destination '${home}' exists\nmust specify -F to overwrite it\n`,
    'dataset-exists',
  ],
  [`cannot create snapshot '${home}@a': dataset already exists\n`, 'dataset-exists'],
  // The gate's own (src/gate/judge-stream.ts).
  ['roamhome-gate: refused: the stream is of a volume\n', 'command-refused', 126],
  [
    'roamhome-gate: refused: the stream is raw, and data/profiles/alice is not sent so\n',
    'command-refused',
    126,
  ],
  [
    'roamhome-gate: refused: the snapshot in the stream was made 48 hours later than now\n',
    'command-refused',
    126,
  ],
  [
    'roamhome-gate: refused: cannot receive resume stream: nothing waits in data/profiles/alice for it\n',
    'token-unusable',
    126,
  ],
  [
    'roamhome-gate: refused: cannot receive: data/profiles/alice@a is there already, with the guid of x@a\n',
    'stream-refused',
    126,
  ],
  [
    'roamhome-gate: refused: cannot receive incremental stream: what data/profiles/alice has does not match incremental source 7\n',
    'no-common-base',
    126,
  ],
  [
    'roamhome-gate: refused: cannot receive incremental stream: destination data/profiles/alice: dataset does not exist\n',
    'dataset-missing',
    126,
  ],
  [
    'roamhome-gate: refused: cannot receive: invalid name: the snapshot "a b" is no plain word\n',
    'name-invalid',
    126,
  ],
  [
    'roamhome-gate: refused: cannot receive: failed to read from stream: no zfs stream, or less than its head\n',
    'stream-incomplete',
    126,
  ],
  [
    'roamhome-gate: refused: cannot receive: invalid stream: no zfs stream, 312 bytes of something else\n',
    'stream-incomplete',
    126,
  ],
  ['cannot receive: failed to read from stream\n', 'stream-incomplete'],
  // A snapshot was made there meanwhile: EINVAL, in words for other causes.
  [
    'cannot receive incremental stream: incompatible embedded data stream feature with encrypted receive.\n',
    'stream-refused',
  ],
  [
    'cannot receive resume stream: kernel modules must be upgraded to receive this stream.\n',
    'stream-refused',
  ],
  [
    'cannot receive new filesystem stream: pool must be upgraded to receive this stream.\n',
    'stream-unsupported',
  ],
  ['internal error: Invalid argument\nAborted\n', 'stream-unsupported'],
  ['cannot receive incremental stream: inherited key must be loaded\n', 'key-not-loaded'],
  [`warning: cannot send '${home}@a': dataset key must be loaded\n`, 'key-not-loaded'],
  // OpenZFS on OS X, up to 1.9.
  ["Unmount failed for /Users/alice\ncannot unmount '/Users/alice': umount failed\n", 'dataset-busy'],
  ['Unmount of disk5 failed: at least one volume could not be unmounted\n', 'dataset-busy'],
  ['cannot receive incremental stream: incomplete stream\n', 'stream-incomplete'],
  [
    'cannot receive incremental stream: checksum mismatch or incomplete stream.\nPartially received snapshot is saved.\n' +
      'A resuming stream can be generated on the sending system by running:\n    zfs send -t 1-abc-def-123\n',
    'stream-incomplete',
  ],
  ['Unable to obtain diffs: No such file or directory\n', 'dataset-missing'],
  ['Cannot diff an unmounted snapshot: operation not applicable to datasets of this type\n', 'not-mounted'],
  [
    'The sys_mount privilege or diff delegated permission is needed\nto execute the diff ioctl: permission denied\n',
    'permission-denied',
  ],
  // The rest of zfs diff's from its source, lib/libzfs/libzfs_diff.c.
  ['Unable to obtain diffs: Input/output error\n', 'zfs-failed'],
  ['Unable to obtain diffs: pool I/O is currently suspended\n', 'pool-suspended'],
  ["Cannot create just-in-time snapshot of 'data/a': out of space\n", 'no-space'],
  ['Key must be loaded to discover path names: Permission denied\n', 'key-not-loaded'],
  ['cannot resume send: resume token is corrupt\n', 'token-unusable', 255],
  ["invalid option 's'\nusage:\n\treceive [-vMnsFhu] ...\n", 'unknown-option', 2],
  ['/bin/sh: 1: zfs: not found\n', 'zfs-not-installed', 127],
  // bash, from its source
  ['bash: line 1: zfs: command not found\n', 'zfs-not-installed', 127],
  // zsh, from its source
  ['zsh:1: command not found: zfs\n', 'zfs-not-installed', 127],
  [
    "/dev/zfs and /proc/self/mounts are required.\nTry running 'udevadm trigger' and 'mount -t proc proc /proc' as root.\n",
    'zfs-not-installed',
  ],
  [
    'lshell: forbidden char/command over SSH: "zfs list"\nThis incident has been reported.\n',
    'command-refused',
  ],
  ['lshell: forbidden character: "&"\nlshell: warning: 1 warning(s) left\n', 'command-refused', 126],
  ['lshell: forbidden environment variable: PATH\n', 'command-refused', 126],
  ['lshell: command not found: "zfs"\n', 'zfs-not-installed', 127],
  ['lshell: home directory "/var/lib/x" does not exist\n', 'command-refused'],
  [
    'Traceback (most recent call last):\n  File "/usr/local/bin/lshell", line 8, in <module>\n    sys.exit(main())\nKeyError: \'logpath\'\n',
    'command-refused',
  ],
  // Made up: a warning of the shell’s before what zfs says.
  [`lshell: warning: something\ncannot open '${home}': dataset does not exist\n`, 'dataset-missing'],
  ['lshell: config: env_path must be a valid $PATH\n', 'command-refused'],
];

describe('a zfs command that failed', () => {
  test('is never told to be cured by a snapshot, an upgrade or a setting where these do nothing', () => {
    const remedyOf = (stderr: string): string =>
      zfsError('server', receive, result({ stderr, exitCode: 1 })).remedy;
    expect(remedyOf(`destination ${home} has been modified\nsince most recent snapshot\n`)).not.toMatch(
      /zfs snapshot/,
    );
    const refused = remedyOf('incompatible embedded data stream feature with encrypted receive.\n');
    expect(refused).not.toMatch(/zpool upgrade|encrypt|sendFlags/);
    expect(remedyOf('pool must be upgraded to receive this stream.\n')).toContain(
      'zfs set roamhome:sendflags=none',
    );
    expect(remedyOf('inherited key must be loaded\n')).toContain('zfs set roamhome:sendflags=w');
  });

  test.each(seen.map(([stderr, code, exit = 1]) => [stderr, code, exit] as const))(
    '%j is %s',
    (stderr, code, exitCode) => {
      const error = zfsError('server', receive, result({ stderr, exitCode }));
      expect(error.code).toBe(code);
      expect(error.remedy).not.toBe('');
      expect(error.message).not.toMatch(/\n/);
      expect(error.message).toContain(`on server failed (exit ${exitCode})`);
    },
  );

  test('is told with what it was about, which zfs often leaves out', () => {
    const denied = result({ stderr: 'cannot receive incremental stream: permission denied\n', exitCode: 1 });
    expect(zfsError('server', receive, denied).message).toBe(
      `zfs receive ${home} on server failed (exit 1): cannot receive incremental stream: permission denied`,
    );
    const named = result({ stderr: `warning: cannot send '${home}@a': permission denied\n`, exitCode: 1 });
    expect(zfsError('server', send, named).message).toBe(
      `zfs send on server failed (exit 1): warning: cannot send '${home}@a': permission denied`,
    );
  });

  test('is told by the program that failed', () => {
    const gone = result({ stderr: "cannot open 'data': no such pool\n", exitCode: 1 });
    expect(zfsError('this Mac', ['zpool', 'list', '-Hp', 'data'], gone).message).toBe(
      "zpool list on this Mac failed (exit 1): cannot open 'data': no such pool",
    );
    expect(zfsError('this Mac', ['zpool', 'status'], result({ exitCode: 127 })).message).toBe(
      'there is no zpool command on this Mac',
    );
  });

  test('is told in the words of zfs, however much a shell says before them', () => {
    const noise =
      "/usr/lib/python3/dist-packages/lshell/x.py:12: SyntaxWarning: invalid escape sequence '\\d'\n";
    const said = (words: string): string =>
      zfsError('server', list, result({ stderr: `${noise.repeat(8)}${words}`, exitCode: 1 })).message;
    expect(said(`cannot open '${home}': dataset does not exist\n`)).toContain(
      `cannot open '${home}': dataset does not exist`,
    );
    expect(said('what nobody has seen before\n')).toMatch(/what nobody has seen before$/);
  });

  test('never shows a resume token', () => {
    const token = '1-138ccbf026-140-789c636064000310a501c49';
    const resumed = zfsError('server', ['zfs', 'send', '-t', token], result({ stderr: 'no\n', exitCode: 1 }));
    const cut = zfsError(
      'server',
      receive,
      result({
        stderr: `incomplete stream.\nA resuming stream can be generated on … by running:\n zfs send -t ${token}\n`,
        exitCode: 1,
      }),
    );
    expect(`${resumed.message} ${cut.message}`).not.toContain(token);
  });

  test('whose account is closed says so on stdout (nologin)', () => {
    const closed = result({ stdout: 'This account is currently not available.\n', exitCode: 1 });
    expect(zfsError('server', list, closed)).toMatchObject({
      code: 'command-refused',
      message: `zfs list ${home} on server failed (exit 1): This account is currently not available.`,
    });
  });

  test('without a word, or by a signal, is told as that', () => {
    expect(zfsError('this Mac', list, result({ exitCode: 1 })).message).toBe(
      `zfs list ${home} on this Mac failed (exit 1) and said nothing`,
    );
    const killed = result({ exitCode: null, signal: 'SIGKILL', stdout: `${home}\t17\n` });
    expect(zfsError('this Mac', list, killed).message).toContain('failed (signal SIGKILL)');
    expect(zfsError('server', list, result({ exitCode: 127 }))).toMatchObject({
      code: 'zfs-not-installed',
      message: 'there is no zfs command on server',
    });
  });

  test('what zfs says on a success is a warning each line', () => {
    expect(warningsOf(result({ stderr: `cannot mount '/Users/alice': failed\n\n` }))).toEqual([
      "cannot mount '/Users/alice': failed",
    ]);
    expect(warningsOf(result({}))).toEqual([]);
  });
});
