import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectSsh } from '../../../src/host/ssh/ssh-connect.ts';
import { resolveSshOptions } from '../../../src/host/ssh/ssh-options.ts';
import { startSshd, type Sshd } from './sshd.ts';

let sshd: Sshd;
beforeAll(async () => {
  sshd = await startSshd();
});
afterAll(async () => {
  await sshd.stop();
});

test('a run that was asked to end before it connects does not connect', async () => {
  const why = new Error('asked to end');
  const connecting = connectSsh(resolveSshOptions(sshd.options), AbortSignal.abort(why)).then(
    async (open) => {
      await open.close();
      return 'connected';
    },
  );
  await expect(connecting).rejects.toBeInstanceOf(Error);
});
