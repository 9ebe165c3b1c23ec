import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { keyAdder } from '../../../src/cli/provision/key-adder.ts';
import { defaultsFor } from '../../../src/config/defaults.ts';
import { noPolicyTask } from '../../../src/provision/key/gate.ts';
import { endSessionsTask, listKeys, removeKeyTask } from '../../../src/provision/key/key-tasks.ts';
import { parsePublicKey, type PublicKey } from '../../../src/provision/key/public-key.ts';
import { bundle } from '../../support/bundle.ts';
import { changesOf, createFakeLinux, killedBefore, type FakeLinux } from './fake-linux.ts';

const account = 'zfs_mobile_sync';
const config = defaultsFor('linux', 'server');
const { signal } = new AbortController();
const policy = { users: ['*'], mode: 'append' } as const;

let program: Awaited<ReturnType<typeof bundle>>;
let fake: FakeLinux;
beforeAll(async () => {
  program = await bundle('simulator/main.ts');
});
afterAll(() => {
  program.remove();
});
beforeEach(() => {
  fake = createServer('/usr/bin/lshell');
});
afterEach(() => {
  fake.remove();
});

function createServer(shell: string): FakeLinux {
  const server = createFakeLinux(program.path);
  writeFileSync(server.at('etc/passwd'), `${account}:x:2100:2100::/var/lib/${account}:${shell}\n`, {
    flag: 'a',
  });
  writeFileSync(server.at('etc/group'), `${account}:x:2100:\n`, { flag: 'a' });
  return server;
}

const key = (letter: string): PublicKey =>
  parsePublicKey(`ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${letter.repeat(43)}`);
const add = (on: FakeLinux, mac: string, publicKey: PublicKey) =>
  keyAdder(on.machine, config, { mac, policy, publicKey: () => Promise.resolve(publicKey) }, signal);
const revoke = (on: FakeLinux, mac: string) => [
  removeKeyTask(on.machine, account, mac),
  endSessionsTask(on.machine, account, mac),
  noPolicyTask(on.machine, mac),
];
const keysFile = (on: FakeLinux) => readFileSync(on.at(`var/lib/${account}/.ssh/authorized_keys`), 'utf8');

/** A roamhome with a gate beside it. */
function installGate(on: FakeLinux): void {
  execFileSync('sh', [
    '-c',
    'mkdir -p "$1/etc/rh/dist" && touch "$1/etc/rh/dist/gate.js" && echo "#!/bin/sh" >"$1/etc/rh/dist/main.js" && chmod 755 "$1/etc/rh/dist/main.js" && ln -sf /etc/rh/dist/main.js "$1/sbin/roamhome" && printf "#!/bin/sh\\n" >"$1/sbin/node" && chmod 755 "$1/sbin/node"',
    'sh',
    on.at(''),
  ]);
}

describe.runIf(process.getuid?.() === 0)('provision key', () => {
  test('added, added again, listed, revoked', async () => {
    expect((await fake.run(await add(fake, 'mac7', key('A')))).failure).toBeNull();
    expect((await fake.run(await add(fake, 'mac8', key('E')))).failure).toBeNull();
    const today = new Date().toISOString().slice(0, 10);
    expect(keysFile(fake)).toBe(
      ['mac7', 'mac8']
        .map(
          (mac, i) =>
            `restrict ssh-ed25519 ${key(i === 0 ? 'A' : 'E').base64} roamhome:${mac} added ${today}\n`,
        )
        .join(''),
    );
    expect(await changesOf(fake, await add(fake, 'mac7', key('A')))).toEqual([]);
    expect(await listKeys(fake.machine, account, signal)).toMatchObject([
      { mac: 'mac7', options: 'restrict', added: today },
      { mac: 'mac8' },
    ]);
    expect((await fake.run(revoke(fake, 'mac7'))).report.done).toEqual([
      'no key of mac7',
      'no policy of mac7',
    ]);
    expect(keysFile(fake)).not.toContain('mac7');
    expect((await fake.run(revoke(fake, 'mac7'))).report.done).toEqual([]);
  });

  test('behind the gate: a policy first, and a command in the line', async () => {
    fake.remove();
    fake = createServer('/bin/sh');
    await expect(changesOf(fake, await add(fake, 'mac7', key('A')))).rejects.toThrow(
      'no Roamhome with a gate',
    );
    installGate(fake);
    expect((await fake.run(await add(fake, 'mac7', key('A')))).failure).toBeNull();
    expect(keysFile(fake)).toMatch(
      /^restrict,command="\/usr\/local\/sbin\/node \/etc\/rh\/dist\/gate\.js \/etc\/roamhome\/keys\/mac7\.json" ssh-ed25519 /,
    );
    expect(JSON.parse(readFileSync(fake.at('etc/roamhome/keys/mac7.json'), 'utf8'))).toEqual({
      ...{
        mac: 'mac7',
        homes: 'data/profiles',
        conflicts: 'data/profiles-conflicts',
        users: ['*'],
        mode: 'append',
      },
    });
    expect((await fake.run(revoke(fake, 'mac7'))).report.done).toEqual([
      'no key of mac7',
      'no policy of mac7',
    ]);
    expect(await fake.everything()).not.toContain('mac7.json');
  });

  test('revoking ends the connections of that key, and of keys that nobody knows since they began; others stay', async () => {
    await fake.run(await add(fake, 'mac7', key('A')));
    await fake.run(await add(fake, 'mac8', key('E')));
    const accepted = (pid: number, one: PublicKey) =>
      `Accepted publickey for ${account} from 10.0.0.1 port ${pid} ssh2: ED25519 ${one.fingerprint}\n`;
    writeFileSync(
      fake.at('sbin/ps'),
      `#!/bin/sh\ncase "$*" in *etimes*) echo '  60'; exit ;; esac\necho '  101 sshd: ${account} [priv]'\necho '  102 sshd: ${account} [priv]'\necho '  103 sshd-session: ${account} [priv]'\necho '  104 sshd: other [priv]'\necho '  105 sshd: ${account}@notty'\n`,
      { mode: 0o755 },
    );
    writeFileSync(
      fake.at('sbin/journalctl'),
      `#!/bin/sh\ncase "$*" in *_PID=101) echo '${accepted(1, key('A')).trim()}' ;; *_PID=102) echo '${accepted(2, key('E')).trim()}' ;; *' -b '*--since=-62s*) ;; *_PID=103) echo '${accepted(3, key('E')).trim()}' ;; esac\n`,
      { mode: 0o755 },
    );
    const changes = await changesOf(fake, [endSessionsTask(fake.machine, account, 'mac7')]);
    expect(changes.map((change) => (change.kind === 'run' ? change.argv.at(-1) : ''))).toEqual([
      '101',
      '103',
    ]);
  });

  test(
    'killed before each change of a revocation and of an addition, the next run ends the same',
    { timeout: 300_000 },
    async () => {
      const bare = await changesOf(fake, await add(fake, 'mac7', key('A')));
      for (const at of bare.keys()) {
        await fake.run(await add(fake, 'mac7', key('A')), killedBefore(at));
        await fake.run(await add(fake, 'mac7', key('A')));
        expect(keysFile(fake)).toMatch(/^restrict \S+ \S+ roamhome:mac7 added \S+\n$/);
        await fake.run(revoke(fake, 'mac7'), killedBefore(0));
        expect(keysFile(fake)).toContain('mac7');
        await fake.run(revoke(fake, 'mac7'));
        expect(keysFile(fake)).toBe('');
        await fake.machine.host.run(['rm', '-r', `/var/lib/${account}`]);
      }
    },
  );

  test('a name or a key that is taken, an account that is missing', async () => {
    await fake.run(await add(fake, 'mac7', key('A')));
    const before = await fake.everything();
    await expect(changesOf(fake, await add(fake, 'mac7', key('E')))).rejects.toThrow('mac7 has another key');
    await expect(changesOf(fake, await add(fake, 'mac8', key('A')))).rejects.toThrow(
      'on the server already, as that of mac7',
    );
    await expect(listKeys(fake.machine, 'nobody-here', signal)).rejects.toThrow('has no account nobody-here');
    expect(await fake.everything()).toBe(before);
  });
});
