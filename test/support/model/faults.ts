import { Transform } from 'node:stream';
import { RoamhomeError } from '../../../src/errors/errors.ts';
import type { Argv, Host, RunningCommand } from '../../../src/host/host.ts';

/** What goes wrong in one run of the agent; null: nothing. */
export type Fault =
  /** The agent is killed before or after its n-th command, or once it has moved some bytes of a stream. */
  | { readonly kind: 'killed'; readonly when: 'before' | 'after'; readonly command: number }
  | { readonly kind: 'killed-at-byte'; readonly bytes: number }
  /** The link to the server goes, after some commands or in the middle of a stream, and stays away for this run. */
  | { readonly kind: 'cut'; readonly command: number }
  | { readonly kind: 'cut-at-byte'; readonly bytes: number }
  /** Nothing goes wrong, but somebody else does something before the n-th command, or in the middle of a stream. */
  | { readonly kind: 'meanwhile'; readonly command: number; readonly what: Meanwhile }
  | { readonly kind: 'meanwhile-at-byte'; readonly bytes: number; readonly what: Meanwhile }
  | null;

/** What others do while a run of the agent is under way. `elsewhere`: on another Mac. */
export type Meanwhile = 'snapshot-here' | 'snapshot-on-server' | 'thin-server' | 'tend' | 'login-elsewhere';

/** The agent is gone; nothing that it still wanted to do happens. */
class Killed extends Error {}

const lost = (): RoamhomeError =>
  new RoamhomeError({
    code: 'connection-lost',
    message: 'the link was cut',
    remedy: 'none',
    retryable: true,
  });

/** Two hosts as one run of the agent sees them, with a fault between it and them. */
export class FaultyRun {
  readonly #fault: Fault;
  readonly #interfere: (what: Meanwhile) => Promise<void>;
  readonly #running = new Set<{ readonly server: boolean; readonly command: RunningCommand }>();
  #commands = 0;
  #bytes = 0;
  #killed = false;
  #cut = false;
  #interference: Promise<void> | null = null;

  constructor(fault: Fault, interfere: (what: Meanwhile) => Promise<void> = () => Promise.resolve()) {
    this.#fault = fault;
    this.#interfere = interfere;
  }

  /** True when the agent did not live to tell. */
  get killed(): boolean {
    return this.#killed;
  }

  host(host: Host, server: boolean): Host {
    return {
      name: host.name,
      run: async (argv, options) => {
        await this.#before(server);
        const result = await host.run(argv, options);
        this.#after(server);
        return result;
      },
      stream: async (argv, options) => {
        await this.#before(server);
        const command = await host.stream(argv, options);
        const watched = this.#watch(command, argv, server);
        this.#after(server);
        return watched;
      },
      close: () => Promise.resolve(),
    };
  }

  throwIfKilled(): void {
    if (this.#killed) throw new Killed('killed');
  }

  /** Throws what the agent sees when it opens the connection. */
  connect(online: boolean): void {
    this.throwIfKilled();
    if (this.#cut || !online) {
      throw new RoamhomeError({
        code: 'server-unreachable',
        message: 'away',
        remedy: 'none',
        retryable: true,
      });
    }
  }

  async #before(server: boolean): Promise<void> {
    this.#throwIfGone(false);
    this.#commands += 1;
    const fault = this.#fault;
    if (fault?.kind === 'meanwhile' && this.#commands >= fault.command) await this.#interfereOnce(fault.what);
    if (fault?.kind === 'killed' && fault.when === 'before' && this.#commands >= fault.command) this.#kill();
    if (fault?.kind === 'cut' && this.#commands >= fault.command) this.#cutLink();
    this.#throwIfGone(server);
  }

  #after(server: boolean): void {
    const fault = this.#fault;
    if (fault?.kind === 'killed' && this.#commands >= fault.command) this.#kill();
    this.#throwIfGone(server);
  }

  #throwIfGone(server: boolean): void {
    this.throwIfKilled();
    if (server && this.#cut) throw lost();
  }

  #kill(): void {
    this.#killed = true;
    for (const { command } of this.#running) command.kill();
  }

  #cutLink(): void {
    this.#cut = true;
    for (const { command, server } of this.#running) if (server) command.kill();
  }

  #watch(command: RunningCommand, argv: Argv, server: boolean): RunningCommand {
    const entry = { server, command };
    this.#running.add(entry);
    const done = command.done
      .finally(() => this.#running.delete(entry))
      .then((result) => {
        if (server && this.#cut) throw lost();
        return result;
      });
    done.catch(() => undefined);
    return { ...command, stdout: argv[1] === 'send' ? this.#counted(command) : command.stdout, done };
  }

  /** However many commands see that it is time. */
  #interfereOnce(what: Meanwhile): Promise<void> {
    this.#interference ??= this.#interfere(what);
    return this.#interference;
  }

  /** Others may take longer than the agent. */
  async othersToo(): Promise<void> {
    await this.#interference;
  }

  /** The stream, with something that somebody else does once so many bytes have gone by. */
  #interrupted(command: RunningCommand, { bytes, what }: { bytes: number; what: Meanwhile }): Transform {
    const watched = new Transform({
      transform: (chunk: Buffer, _encoding, callback) => {
        this.#bytes += chunk.length;
        const done = this.#bytes >= bytes ? this.#interfereOnce(what) : Promise.resolve();
        // What stands before the place where it happens has arrived by then.
        done.then(() => {
          callback(null, chunk);
        }, callback);
      },
    });
    watched.on('error', () => undefined);
    command.stdout.on('error', (error) => watched.destroy(error));
    command.stdout.pipe(watched);
    return watched;
  }

  #counted(command: RunningCommand): RunningCommand['stdout'] {
    const fault = this.#fault;
    if (fault?.kind === 'meanwhile-at-byte') return this.#interrupted(command, fault);
    if (fault?.kind !== 'killed-at-byte' && fault?.kind !== 'cut-at-byte') return command.stdout;
    const counted = new Transform({
      transform: (chunk: Buffer, _encoding, callback) => {
        const left = fault.bytes - this.#bytes;
        this.#bytes += chunk.length;
        if (left > chunk.length) {
          callback(null, chunk);
          return;
        }
        if (left > 0) counted.push(chunk.subarray(0, left));
        // What was sent arrives; then it is over.
        setImmediate(() => {
          if (fault.kind === 'killed-at-byte') this.#kill();
          else this.#cutLink();
          counted.destroy(lost());
        });
      },
    });
    counted.on('error', () => undefined);
    command.stdout.on('error', (error) => counted.destroy(error));
    command.stdout.pipe(counted);
    return counted;
  }
}
