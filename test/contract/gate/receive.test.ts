import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { policyText } from '../../../src/gate/policy.ts';
import { zfsError } from '../../../src/zfs/stderr.ts';
import { policyOf } from '../../support/restrictions/restricted.ts';
import { cloneFlag, features, forgeStream, swapHead } from '../../support/forge-stream.ts';
import { recordedStream } from '../../support/recorded-streams.ts';
import { bundle } from '../../support/bundle.ts';

const home = 'data/profiles/alice';
const branch = 'data/profiles-conflicts/alice-mac7-20261120T064500Z';
const full = recordedStream('full');
const history = recordedStream('history');
/** The guids of the recorded package: what it begins at, and what its first stream brings. */
const [from, first] = [history.readBigUInt64LE(624 + 48), history.readBigUInt64LE(624 + 40)];

/** Stands for zfs: answers as a test has written down, and tells of each receive what came to it. */
const fakeZfs = `#!/bin/sh
cd "$(dirname "$0")" || exit 99
case "$1" in
  list) echo "$@" >>asked; cat answer; cat complaint >&2; exit "$(cat status)" ;;
  receive) printf '%s %s\\n' "$*" "$(sh ./take)" >>received; exit "$(cat ends)" ;;
esac
`;

const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex').slice(0, 12);

// The policy has to be root's.
describe.runIf(process.getuid?.() === 0)('what the gate receives', () => {
  let gate: Awaited<ReturnType<typeof bundle>>;
  let directory: string;
  let policy: string;

  beforeAll(async () => {
    gate = await bundle('gate/main.ts');
    directory = mkdtempSync('/run/roamhome-receive-');
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

  const put = (name: string, text: string): void => {
    writeFileSync(join(directory, name), text);
  };
  const got = (name: string): readonly string[] =>
    readFileSync(join(directory, name), 'utf8').split('\n').filter(Boolean);

  /** What the server has: rows of `zfs list`. */
  function has(...rows: readonly (readonly string[])[]): void {
    put('answer', rows.map((row) => `${row.join('\t')}\n`).join(''));
    put('complaint', '');
    put('status', '0');
  }
  const row = (name: string, guid: bigint | string, token = '-', flags = 'none', encryption = 'off') =>
    [name, String(guid), encryption, token, flags] as const;

  beforeEach(() => {
    for (const name of ['asked', 'received', 'answer']) put(name, '');
    put('complaint', `cannot open '${home}': dataset does not exist\n`);
    put('status', '1');
    put('ends', '0');
    put('take', 'sha256sum | cut -c1-12');
  });

  async function receive(words: string, stream: Buffer) {
    const env = {
      SSH_ORIGINAL_COMMAND: `zfs receive -u -s ${words}`,
      SSH_CONNECTION: '192.0.2.7 1 192.0.2.1 22',
    };
    const child = spawn(process.execPath, [gate.path, policy], { env });
    const err: Buffer[] = [];
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.stdin.on('error', () => undefined);
    child.stdin.end(stream);
    const [code] = (await once(child, 'close')) as [number | null];
    const stderr = Buffer.concat(err).toString();
    return {
      code,
      stderr,
      error:
        code === 0
          ? null
          : zfsError('the server', ['zfs', 'receive', home], {
              exitCode: code,
              signal: null,
              stdout: '',
              stderr,
            }),
    };
  }

  test('gets to zfs byte for byte, after one question', async () => {
    expect(await receive(home, full)).toMatchObject({ code: 0, stderr: '' });
    expect(got('received')).toEqual([`receive -u -s ${home} ${digest(full)}`]);
    expect(got('asked')).toHaveLength(1);
  });

  test('gets to zfs in the other byte order too', async () => {
    const swapped = swapHead(full.subarray(0, 312));
    expect(await receive(home, swapped)).toMatchObject({ code: 0 });
    expect(got('received')).toEqual([`receive -u -s ${home} ${digest(swapped)}`]);
  });

  test('is received stream for stream where it is a package, each by a zfs of its own', async () => {
    has(row(home, 1n), row(`${home}@a`, from));
    const ended = await receive(home, history);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    // Behind the package's head and its end; the last record closes the package.
    const rest = history.subarray(624, -312);
    const next = rest.indexOf(rest.subarray(0, 24), 312);
    const streams = [rest.subarray(0, next), rest.subarray(next)];
    expect(got('received')).toEqual(streams.map((one) => `receive -u -s ${home} ${digest(one)}`));
    expect(got('asked')).toHaveLength(1);
  });

  test('ends with the stream, whatever the client sends behind it', async () => {
    put('take', 'head -c 1000 | sha256sum | cut -c1-12');
    const more = Buffer.concat([full.subarray(0, 1000), randomBytes(3_000_000)]);
    expect(await receive(home, more)).toMatchObject({ code: 0 });
    expect(got('received')).toEqual([`receive -u -s ${home} ${digest(full.subarray(0, 1000))}`]);
  });

  test.each(['single', 'package'])('ends as zfs does while the client still sends: %s', async (kind) => {
    has(row(home, 1n), row(`${home}@a`, from));
    put('take', 'head -c 312 >/dev/null; echo "cannot receive: out of space" >&2');
    put('ends', '1');
    const words = kind === 'single' ? `${home}/mail` : home;
    const stream = kind === 'single' ? full : history.subarray(0, 2000);
    const env = { SSH_ORIGINAL_COMMAND: `zfs receive -u -s ${words}` };
    const child = spawn(process.execPath, [gate.path, policy], { env, stdio: ['pipe', 'ignore', 'ignore'] });
    child.stdin.on('error', () => undefined);
    // No end of it.
    child.stdin.write(stream);
    expect(await Promise.race([once(child, 'close'), sleep(20_000)])).toEqual([1, null]);
    child.stdin.destroy();
  });

  test('a package that is cut ends as zfs finds it', async () => {
    has(row(home, 1n), row(`${home}@a`, from));
    put('ends', '1');
    expect(await receive(home, history.subarray(0, 1500))).toMatchObject({ code: 1 });
    put('ends', '0');
    // Between two streams no zfs runs that could find it.
    expect(await receive(home, history.subarray(0, 624))).toMatchObject({
      error: { code: 'stream-incomplete', retryable: true },
    });
    expect(await receive(home, history.subarray(0, -312))).toMatchObject({
      error: { code: 'stream-incomplete' },
    });
  });

  test('what is wrong with zfs itself is said in its words', async () => {
    put('complaint', 'The ZFS modules cannot be auto-loaded.\n');
    expect(await receive(home, full)).toMatchObject({ code: 1, error: { code: 'zfs-not-installed' } });
    expect(got('received')).toEqual([]);
  });

  const single = (fields: Parameters<typeof forgeStream>[1]['single'] & object): Buffer =>
    forgeStream(full, { single: { toGuid: 4711n, ...fields } });
  const dayAndAMinute = (): bigint => BigInt(Math.floor(Date.now() / 1000) + 86_460);
  const packageWithProperties = Buffer.from(history);
  packageWithProperties.writeUInt32LE(64, 4);
  const withinPackage = Buffer.concat([history.subarray(0, 624), history]);

  describe('never comes to zfs, and the Mac is told why:', () => {
    test.each<[string, Buffer | (() => Buffer), string, string, RegExp]>([
      ['nothing at all', Buffer.alloc(0), home, 'stream-incomplete', /no zfs stream/],
      ['less than a head', full.subarray(0, 311), home, 'stream-incomplete', /no zfs stream/],
      ['what is no stream', randomBytes(5000), home, 'stream-incomplete', /no zfs stream/],
      // Reads any home: zfs would look for the guid in the whole pool, and make a clone of what it finds.
      [
        'a clone of what no command names',
        single({ flags: cloneFlag, fromGuid: from }),
        `${home}/leak`,
        'command-refused',
        /no origin/,
      ],
      // Writes into others' homes: what is put behind TARGET is put together of two heads.
      ['a package with properties', packageWithProperties, home, 'command-refused', /carries properties/],
      ['a package within a package', withinPackage, home, 'command-refused', /package within a package/],
      ['a volume', single({ objset: 3 }), `${home}/v`, 'command-refused', /a volume/],
      [
        'a snapshot of the end of time',
        single({ creation: 2n ** 64n - 1n }),
        home,
        'command-refused',
        /later than now/,
      ],
      [
        'a snapshot of the day after tomorrow',
        () => single({ creation: dayAndAMinute() }),
        home,
        'command-refused',
        /later than now/,
      ],
      [
        'a snapshot with a blank',
        single({ toName: 'evil/sp@before upgrade' }),
        home,
        'name-invalid',
        /no plain word/,
      ],
      ['a guid that is there already', single({ toGuid: first }), home, 'stream-refused', /is there already/],
      [
        'an increment to nothing that is there',
        single({ fromGuid: 77n }),
        home,
        'no-common-base',
        /incremental source 77/,
      ],
      [
        'a raw stream below a home that is not',
        single({ features: features.raw }),
        `${home}/mail`,
        'command-refused',
        /is raw/,
      ],
      ['a redacted stream', single({ features: features.redacted }), home, 'command-refused', /redacted/],
      [
        'the rest of what nobody began',
        single({ features: features.resuming }),
        home,
        'token-unusable',
        /nothing waits/,
      ],
      [
        'an increment to another origin',
        single({ fromGuid: 77n }),
        `-o origin=${home}@a ${branch}`,
        'no-common-base',
        /incremental source 77/,
      ],
    ])('%s', async (_what, stream, words, code, why) => {
      has(row(home, 1n), row(`${home}@a`, from), row(`${home}@b`, first));
      const refused = await receive(words, typeof stream === 'function' ? stream() : stream);
      expect(refused).toMatchObject({ code: 126, error: { code } });
      expect(refused.stderr).toMatch(/^roamhome-gate: refused: [^\n]*\n$/);
      expect(refused.stderr).toMatch(why);
      expect(refused.error?.remedy).toMatch(/\S/);
      expect(got('received')).toEqual([]);
    });

    test('the second stream of a package, once the first has come', async () => {
      has(row(home, 1n), row(`${home}@a`, from));
      const twice = Buffer.concat([
        history.subarray(0, 624),
        forgeStream(full, { single: { toGuid: 4711n, fromGuid: from } }),
        forgeStream(full, { single: { toGuid: 4712n, fromGuid: from, objset: 3 } }),
      ]);
      const refused = await receive(home, twice);
      expect(refused).toMatchObject({ code: 126 });
      expect(refused.stderr).toMatch(/a volume/);
      expect(got('received')).toHaveLength(1);
    });
  });

  test('a clone of the origin that is named comes to zfs', async () => {
    has(row(home, 1n), row(`${home}@a`, from));
    const clone = forgeStream(full, { single: { toGuid: 4711n, fromGuid: from, flags: cloneFlag } });
    expect(await receive(`-o origin=${home}@a ${branch}`, clone)).toMatchObject({ code: 0 });
  });
});
