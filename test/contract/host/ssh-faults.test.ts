import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { RunningCommand } from '../../../src/host/host.ts';
import { createSshHost, type SshHost } from '../../../src/host/ssh/ssh.ts';
import type { SshHostOptions } from '../../../src/host/ssh/ssh-options.ts';
import { openLink, openServer } from './link.ts';
import { startSshd, type Sshd } from './sshd.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function sshdWith(...lines: string[]): Promise<Sshd> {
  const sshd = await startSshd(lines);
  cleanups.push(() => sshd.stop());
  return sshd;
}

async function serverWith(onConnection: (socket: Socket) => void): Promise<{ readonly port: number }> {
  const server = await openServer(onConnection);
  cleanups.push(() => server.close());
  return server;
}

function hostAt(options: SshHostOptions): SshHost {
  const host = createSshHost(options);
  cleanups.push(() => host.close());
  return host;
}

/** The options with which `port` is reached and recognised as this sshd. */
function through(port: number, sshd: Sshd, more: Partial<SshHostOptions> = {}): SshHostOptions {
  const knownHostsFile = sshd.knownHosts(`[127.0.0.1]:${port} ${sshd.hostKey('ed25519')}`);
  return { ...sshd.options, port, knownHostsFile, ...more };
}

const firstLine = (command: RunningCommand): Promise<string> =>
  new Promise((resolve) => {
    command.onStderrLine(resolve);
  });

describe('before the login', () => {
  test('a connection that MaxStartups drops is tried again, until there is room', async () => {
    const sshd = await sshdWith('MaxStartups 1:100:1');
    const held = connect(sshd.port, '127.0.0.1');
    // The greeting: sshd counts this connection as one that has not logged in.
    await once(held, 'data');
    const host = hostAt(sshd.options);
    const connecting = host.connect();
    await sshd.logged(/drop connection[^\n]*MaxStartups/);
    held.destroy();
    await connecting;
    expect(await host.run(['zfs', 'echo', 'in'])).toMatchObject({ stdout: 'in\n' });
  });

  test('a server that always drops is given up at the time limit', async () => {
    const sshd = await sshdWith();
    let attempts = 0;
    const server = await serverWith((socket) => {
      attempts += 1;
      socket.destroy();
    });
    const host = hostAt(through(server.port, sshd, { connectTimeoutMs: 2000, random: () => 0 }));
    await expect(host.connect()).rejects.toMatchObject({
      code: 'server-unreachable',
      retryable: true,
      message: expect.stringContaining('drops each connection') as string,
    });
    expect(attempts).toBeGreaterThan(1);
  });

  test('a server that says nothing is given up at the time limit', async () => {
    const sshd = await sshdWith();
    const server = await serverWith(() => undefined);
    const start = performance.now();
    const host = hostAt(through(server.port, sshd, { connectTimeoutMs: 300 }));
    await expect(host.connect()).rejects.toMatchObject({ code: 'server-unreachable', retryable: true });
    expect(performance.now() - start).toBeLessThan(20_000);
  });

  test('an address that nobody answers at is given up at the time limit', async () => {
    const sshd = await sshdWith();
    const start = performance.now();
    // RFC 5737: TEST-NET-1 is nobody's.
    const host = hostAt({ ...sshd.options, address: '192.0.2.1', connectTimeoutMs: 300 });
    await expect(host.connect()).rejects.toMatchObject({ code: 'server-unreachable', retryable: true });
    expect(performance.now() - start).toBeLessThan(20_000);
  });

  test('a port that refuses is not tried again, and the failure is kept for all who ask', async () => {
    const sshd = await sshdWith();
    const gone = await openServer(() => undefined);
    await gone.close();
    const host = hostAt(through(gone.port, sshd));
    // Started early and awaited late: it has failed by then, and that is not an unhandled rejection.
    const early = host.connect();
    await expect(host.run(['zfs', 'list'])).rejects.toMatchObject({ code: 'server-unreachable' });
    await expect(early).rejects.toMatchObject({
      message: `127.0.0.1:${gone.port} refuses connections`,
      retryable: true,
    });
  });

  test('what is no SSH server is not tried again', async () => {
    const sshd = await sshdWith();
    const server = await serverWith((socket) => {
      socket.write('SSH-1.5-old\r\n');
    });
    const host = hostAt(through(server.port, sshd));
    await expect(host.connect()).rejects.toMatchObject({ code: 'server-unreachable', retryable: false });
  });

  test('one caller may give up waiting; the others go on', async () => {
    const sshd = await sshdWith();
    const host = hostAt(sshd.options);
    const controller = new AbortController();
    const impatient = host.connect(controller.signal);
    const patient = host.connect();
    controller.abort();
    await expect(impatient).rejects.toMatchObject({ code: 'cancelled' });
    await patient;
    expect(sshd.log().match(/Accepted publickey/g)).toHaveLength(1);
  });
});

describe('after the login', () => {
  test('a connection that sshd drops in the middle is lost, and the next command makes a new one', async () => {
    const sshd = await sshdWith();
    const host = hostAt(sshd.options);
    const command = await host.stream(['zfs', 'spew']);
    await firstLine(command);
    await once(command.stdout, 'readable');
    const failed = once(command.stdout, 'error');
    for (const pid of sshd.connectionPids()) process.kill(pid, 'SIGKILL');
    await expect(command.done).rejects.toMatchObject({ code: 'connection-lost', retryable: true });
    expect((await failed)[0]).toMatchObject({ code: 'connection-lost' });
    expect(await host.run(['zfs', 'echo', 'again'])).toMatchObject({ stdout: 'again\n' });
    expect(sshd.log().match(/Accepted publickey/g)).toHaveLength(2);
  });

  test('a link that falls silent is noticed', async () => {
    const sshd = await sshdWith();
    const link = await openLink(sshd.port);
    cleanups.push(() => link.close());
    const host = hostAt(through(link.port, sshd, { keepaliveIntervalMs: 50, keepaliveCountMax: 2 }));
    const command = await host.stream(['zfs', 'cat']);
    await firstLine(command);
    link.freeze();
    await expect(command.done).rejects.toMatchObject({
      code: 'connection-lost',
      message: expect.stringContaining('no sign of life') as string,
    });
  });

  test('a server that is only quiet is not lost', async () => {
    const sshd = await sshdWith();
    // A busy machine's sshd has two seconds for an answer, and is quiet for longer.
    const host = hostAt({ ...sshd.options, keepaliveIntervalMs: 500, keepaliveCountMax: 4 });
    await expect(host.run(['zfs', 'stall'], { timeoutMs: 4000 })).rejects.toMatchObject({
      code: 'timed-out',
    });
    expect(await host.run(['zfs', 'echo', 'on'])).toMatchObject({ stdout: 'on\n' });
    expect(sshd.log().match(/Accepted publickey/g)).toHaveLength(1);
  });

  test('closing does not wait for a link that is dead', async () => {
    const sshd = await sshdWith();
    const link = await openLink(sshd.port);
    cleanups.push(() => link.close());
    const host = hostAt(through(link.port, sshd));
    const command = await host.stream(['zfs', 'cat']);
    await firstLine(command);
    link.freeze();
    const start = performance.now();
    await host.close();
    expect(performance.now() - start).toBeLessThan(20_000);
    await expect(command.done).rejects.toMatchObject({ code: 'cancelled' });
    await expect(host.run(['zfs', 'list'])).rejects.toMatchObject({ code: 'cancelled' });
  });

  test('a server that opens no second channel refuses the command', async () => {
    const sshd = await sshdWith('MaxSessions 1');
    const host = hostAt(sshd.options);
    const first = await host.stream(['zfs', 'cat']);
    await expect(host.run(['zfs', 'echo', 'two'])).rejects.toMatchObject({
      code: 'command-refused',
      remedy: expect.stringContaining('MaxSessions') as string,
    });
    first.stdin.end();
    first.stdout.resume();
    expect(await first.done).toMatchObject({ exitCode: 0 });
    expect(await host.run(['zfs', 'echo', 'one'])).toMatchObject({ stdout: 'one\n' });
  });
});
