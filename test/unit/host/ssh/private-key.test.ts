import { generateKeyPairSync } from 'node:crypto';
import { chmod, chown, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import ssh2 from 'ssh2';
import type { RoamhomeError } from '../../../../src/errors/errors.ts';
import { loadPrivateKey } from '../../../../src/host/ssh/private-key.ts';

const pem = { publicKeyEncoding: { type: 'spki', format: 'pem' } } as const;
const openssh = ssh2.utils.generateKeyPairSync('ed25519');
const rsaPem = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  ...pem,
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
}).privateKey;
const ecdsaPem = generateKeyPairSync('ec', {
  namedCurve: 'prime256v1',
  ...pem,
  privateKeyEncoding: { type: 'sec1', format: 'pem' },
}).privateKey;

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'roamhome-key-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

async function keyFile(text: string, mode = 0o600): Promise<string> {
  const file = join(directory, 'id');
  await writeFile(file, text);
  await chmod(file, mode);
  return file;
}

function failure(file: string): RoamhomeError {
  try {
    loadPrivateKey(file);
  } catch (error) {
    return error as RoamhomeError;
  }
  return expect.fail('the key was accepted');
}

test.each([
  ['ed25519, OpenSSH', openssh.private, 'ssh-ed25519'],
  ['rsa, PEM', rsaPem, 'ssh-rsa'],
  ['ecdsa, PEM', ecdsaPem, 'ecdsa-sha2-nistp256'],
])('reads a key: %s', async (_name, text, type) => {
  const { key, fingerprint } = loadPrivateKey(await keyFile(text));
  expect(key.type).toBe(type);
  expect(fingerprint).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
});

test.each([0o600, 0o400, 0o700])('reads a key that only its owner can get at (%o)', async (mode) => {
  expect(loadPrivateKey(await keyFile(openssh.private, mode))).toBeDefined();
});

test.each([0o640, 0o604, 0o620, 0o644, 0o601, 0o660])(
  'refuses a key that others can get at (%o)',
  async (mode) => {
    const file = await keyFile(openssh.private, mode);
    const error = failure(file);
    expect(error).toMatchObject({ code: 'key-unusable', remedy: `chmod 600 ${file}` });
    expect(error.message).toContain(`(mode 0${mode.toString(8)})`);
  },
);

test('looks at the file behind a symlink', async () => {
  const link = join(directory, 'link');
  await symlink(await keyFile(openssh.private), link);
  expect(loadPrivateKey(link)).toBeDefined();
  await chmod(join(directory, 'id'), 0o644);
  expect(failure(link)).toMatchObject({ code: 'key-unusable' });
});

test.runIf(process.getuid?.() === 0)('refuses a key that belongs to another user', async () => {
  const file = await keyFile(openssh.private);
  await chown(file, 12345, 12345);
  expect(failure(file)).toMatchObject({ code: 'key-unusable', remedy: `chown root ${file}` });
});

describe('says what is wrong', () => {
  test('no file', () => {
    const error = failure(join(directory, 'none'));
    expect(error.code).toBe('key-unusable');
    expect(error.message).toContain('there is no key in');
    expect(error.remedy).toContain('ssh-keygen -t ed25519');
  });

  test('a passphrase', async () => {
    const locked = ssh2.utils.generateKeyPairSync('ed25519', {
      cipher: 'aes256-cbc',
      passphrase: 'secret',
      rounds: 1,
    });
    expect(failure(await keyFile(locked.private)).message).toContain('locked with a passphrase');
  });

  test('the public half', async () => {
    expect(failure(await keyFile(openssh.public)).message).toContain('is a public key');
  });

  test('a directory', async () => {
    await chmod(directory, 0o700);
    expect(failure(directory)).toMatchObject({ code: 'key-unusable' });
  });

  test.each([
    ['empty', ''],
    ['something else', 'hello\n'],
    ['half a key', openssh.private.slice(0, 120)],
  ])('%s, and no word of its content', async (_name, text) => {
    const error = failure(await keyFile(text));
    expect(error.message).toContain('is not a private key that Roamhome can read');
    expect(error.cause).toBeUndefined();
    for (const line of text.split('\n').filter((part) => part.length > 10)) {
      expect(`${error.message}${error.remedy}`).not.toContain(line);
    }
  });
});
