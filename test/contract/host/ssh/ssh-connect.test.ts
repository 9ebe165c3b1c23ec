import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RoamhomeError } from '../../../../src/errors/errors.ts';
import type { SshHostOptions } from '../../../../src/host/ssh/ssh-options.ts';
import { createSshHost } from '../../../../src/host/ssh/ssh.ts';
import { sshKeygen, startSshd, type KeyType, type Sshd } from '../sshd.ts';

let sshd: Sshd;
beforeAll(async () => {
  sshd = await startSshd();
});
afterAll(async () => {
  await sshd.stop();
});

/** Connects with these options instead, and returns how it failed; undefined when it got in. */
async function connect(options: Partial<SshHostOptions> = {}): Promise<RoamhomeError | undefined> {
  const host = createSshHost({ ...sshd.options, ...options });
  try {
    await host.connect();
    return undefined;
  } catch (error) {
    return error as RoamhomeError;
  } finally {
    await host.close();
  }
}

const here = (): string => `[127.0.0.1]:${sshd.port}`;

function fingerprintOf(type: KeyType): string {
  return execFileSync(sshKeygen, ['-lf', join(sshd.directory, `host_${type}.pub`)], {
    encoding: 'utf8',
  }).split(' ')[1]!;
}

function hashed(line: string): string {
  const file = sshd.knownHosts(line);
  execFileSync(sshKeygen, ['-q', '-H', '-f', file], { stdio: 'ignore' });
  return file;
}

describe('the server is known', () => {
  test.each<KeyType>(['ed25519', 'ecdsa', 'rsa'])(
    'by its %s key alone, though it has others',
    async (type) => {
      expect(
        await connect({ knownHostsFile: sshd.knownHosts(`${here()} ${sshd.hostKey(type)}`) }),
      ).toBeUndefined();
    },
  );

  test('by a hashed line', async () => {
    expect(await connect({ knownHostsFile: hashed(`${here()} ${sshd.hostKey('ed25519')}`) })).toBeUndefined();
  });
});

describe('the server is not known', () => {
  test.each<[string, () => string]>([
    ['no file', () => join(sshd.directory, 'none')],
    ['an empty file', () => sshd.knownHosts()],
    ['its name without the port', () => sshd.knownHosts(`127.0.0.1 ${sshd.hostKey('ed25519')}`)],
    ['only as an authority', () => sshd.knownHosts(`@cert-authority ${here()} ${sshd.hostKey('ed25519')}`)],
  ])('%s', async (_name, file) => {
    const knownHostsFile = file();
    const error = await connect({ knownHostsFile });
    expect(error).toMatchObject({ code: 'host-key-unknown', retryable: false });
    expect(error!.message).toContain(`${here()} shows the host key ${fingerprintOf('ed25519')}`);
    expect(error!.remedy).toContain('ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub');
    // The command in the remedy makes the server known.
    const command = /: (echo '.*)$/.exec(error!.remedy)?.[1];
    execFileSync('sh', ['-c', command!]);
    expect(await connect({ knownHostsFile })).toBeUndefined();
  });

  test('another key than the known one', async () => {
    const stranger = execFileSync(sshKeygen, ['-y', '-f', sshd.userKey('ed25519', false)], {
      encoding: 'utf8',
    });
    const error = await connect({ knownHostsFile: sshd.knownHosts(`${here()} ${stranger.trim()}`) });
    expect(error).toMatchObject({ code: 'host-key-changed', retryable: false });
    expect(error!.message.match(/SHA256:[A-Za-z0-9+/]{43}/g)).toHaveLength(2);
    expect(error!.message).toContain(fingerprintOf('ed25519'));
    expect(error!.remedy).toContain(`ssh-keygen -R '${here()}'`);
  });

  test('a revoked key', async () => {
    const key = sshd.hostKey('ed25519');
    const knownHostsFile = sshd.knownHosts(`${here()} ${key}`, `@revoked * ${key}`);
    expect(await connect({ knownHostsFile })).toMatchObject({ code: 'host-key-revoked' });
  });

  test('a file that cannot be read', async () => {
    const directory = join(sshd.directory, 'directory');
    mkdirSync(directory);
    expect(await connect({ knownHostsFile: directory })).toMatchObject({ code: 'file-unreadable' });
    const knownHostsFile = sshd.knownHosts('nonsense');
    expect(await connect({ knownHostsFile })).toMatchObject({ code: 'file-unreadable' });
  });
});

describe('the user', () => {
  test.each<KeyType>(['ed25519', 'ecdsa', 'rsa'])('gets in with an accepted %s key', async (type) => {
    expect(await connect({ identityFile: sshd.userKey(type, true) })).toBeUndefined();
  });

  test('does not get in with another key', async () => {
    const identityFile = sshd.userKey('ed25519', false);
    const error = await connect({ identityFile });
    expect(error).toMatchObject({ code: 'auth-refused', retryable: false });
    const shown = execFileSync(sshKeygen, ['-lf', identityFile], { encoding: 'utf8' }).split(' ')[1]!;
    expect(error!.message).toContain(`${sshd.options.user} with the key ${shown}`);
    expect(error!.remedy).toContain(`ssh-keygen -y -f ${identityFile}`);
  });

  test('does not get in with a key that others can read', async () => {
    const identityFile = sshd.userKey('ed25519', true);
    chmodSync(identityFile, 0o640);
    expect(await connect({ identityFile })).toMatchObject({
      code: 'key-unusable',
      remedy: `chmod 600 ${identityFile}`,
    });
  });
});
