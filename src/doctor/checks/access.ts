import type { Config } from '../../config/schema.ts';
import type { ErrorCode } from '../../errors/errors.ts';
import type { CommandResult } from '../../host/host.ts';
import { shellWord } from '../../host/shell-word.ts';
import { zfsError } from '../../zfs/stderr.ts';
import { both, failureOf, type Fact } from '../fact.ts';
import {
  advise,
  judging,
  ok,
  orOk,
  run,
  warning,
  critical,
  criticalBecause,
  type Check,
  type Finding,
} from '../finding.ts';

/** This Mac's private key, as far as may be shown. */
export interface KeyState {
  readonly path: string;
  readonly type: string;
  readonly fingerprint: string;
  /** Of an RSA key; null: the type alone says that it is strong enough. */
  readonly rsaBits: number | null;
  /** A directory on the way to it, in which others than root could put another key; null: none. */
  readonly weakPlace: string | null;
}

export interface AccessFacts {
  readonly config: Fact<Config>;
  readonly key: Fact<KeyState>;
  /** Whether known_hosts trusts any key of the server. */
  readonly trust: Fact<boolean>;
  /** What reaching the server and logging in took. */
  readonly connection: Fact<{ readonly milliseconds: number }>;
  /** How the server ended `true`. */
  readonly forbidden: Fact<CommandResult>;
  readonly nativeCrypto: Fact<boolean>;
}

const isOf =
  (...codes: readonly ErrorCode[]) =>
  ({ code }: { readonly code: ErrorCode }): boolean =>
    codes.includes(code);

export const keyCheck: Check<AccessFacts> = {
  name: 'key',
  about: "This Mac's key is there, root's alone, and of a strong type",
  judge: ({ key }) => {
    const failure = failureOf(key, isOf('key-unusable'));
    return failure === null ? judging(key, judgeKey) : [criticalBecause(failure)];
  },
};

function judgeKey({ path, type, fingerprint, rsaBits, weakPlace }: KeyState): readonly Finding[] {
  const faults: Finding[] = [];
  if (weakPlace !== null)
    faults.push(
      critical(
        `others than root can change ${weakPlace}, and so put another key in the place of ${path}`,
        run('here', [`chown root ${shellWord(weakPlace)}`, `chmod go-w ${shellWord(weakPlace)}`]),
      ),
    );
  if (rsaBits !== null && rsaBits < 3072)
    faults.push(
      warning(
        `${path} is an RSA key of ${rsaBits} bits`,
        advise('here', 'Make an ed25519 key in its place, and have it added on the server.'),
      ),
    );
  return orOk(faults, `${type}, ${fingerprint}`);
}

export const hostKeyCheck: Check<AccessFacts> = {
  name: 'host-key',
  about: "The server's host key is known here, and is the one that the server shows",
  judge: ({ trust, connection, config }) => {
    const failure = failureOf(
      connection,
      isOf('host-key-unknown', 'host-key-changed', 'host-key-revoked', 'file-unreadable'),
    );
    if (failure !== null) return [criticalBecause(failure)];
    // Seen to match by whoever got through, or was refused behind it.
    if (connection.known || failureOf(connection, isOf('auth-refused')) !== null) return [ok('it matches')];
    return judging(both(trust, config), ([isKnown, { server }]) =>
      isKnown
        ? judging(connection, () => [])
        : [
            critical(
              `${server.knownHostsFile} has no key of ${server.address ?? 'the server'}`,
              advise('here', 'Run this again when the server answers: it says then what to add.'),
            ),
          ],
    );
  },
};

export const connectionCheck: Check<AccessFacts> = {
  name: 'connection',
  about: 'The server is reached and lets this Mac log in, within half of `limits.connectSeconds`',
  judge: ({ connection, config }) => {
    const failure = failureOf(
      connection,
      isOf('server-unreachable', 'auth-refused', 'connection-lost', 'timed-out'),
    );
    if (failure !== null)
      return [criticalBecause(failure, failure.code === 'auth-refused' ? 'server' : 'here')];
    return judging(both(connection, config), ([{ milliseconds }, { limits }]) => {
      const took = `logged in within ${(milliseconds / 1000).toFixed(1)} s`;
      if (milliseconds < limits.connectSeconds * 500) return [ok(took)];
      const advice = advise('server', 'Look at its load, and at sshd: `UseDNS no` spares it a look-up.');
      return [warning(took, advice)];
    });
  },
};

export const restrictionCheck: Check<AccessFacts> = {
  name: 'restriction',
  about: "The server refuses this Mac's key every command but zfs (it is asked for `true`)",
  judge: ({ forbidden, config }) => {
    // sshd itself may refuse to start it.
    if (failureOf(forbidden, isOf('command-refused')) !== null) return [ok('`true` is refused')];
    return judging(both(forbidden, config), ([result, { server }]) => {
      const isRefused = result.exitCode !== 0 && zfsError('', ['true'], result).code === 'command-refused';
      if (isRefused) return [ok('`true` is refused')];
      // A shell that looked for it says 127; what ends otherwise is a restriction that does not work.
      if (result.exitCode !== 0 && result.exitCode !== 127)
        return [
          warning(
            `asked for \`true\`, the server neither runs nor refuses it: exit ${String(result.exitCode)}, ${result.stderr.trim().slice(-200) || 'no word'}`,
            run('server', ['roamhome doctor --server']),
          ),
        ];
      return [
        critical(
          `asked for \`true\`, the server ${result.exitCode === 0 ? 'runs it' : 'looks for it'}: whoever has this Mac's key has a shell there`,
          run(
            'server',
            [`command -v lshell && usermod --shell "$(command -v lshell)" ${shellWord(server.user)}`],
            'Give the account a restricted shell, or let `roamhome provision server --restriction gate` tell how to have the gate: ',
          ),
        ),
      ];
    });
  },
};

export const nativeCheck: Check<AccessFacts> = {
  name: 'encryption',
  about: "ssh2's native part is loaded: without it a transfer takes about eight times as long",
  judge: ({ nativeCrypto }) =>
    judging(nativeCrypto, (isLoaded) => [
      isLoaded
        ? ok("ssh2's native part is loaded")
        : warning(
            "ssh2's native part does not load: transfers take about eight times as long",
            advise(
              'here',
              'Unpack the package of this system and processor here (its name ends with what `node -p "process.platform + process.arch"` prints, with a dash between). To make it on such a machine: `npm ci && npm run build && npm run package`.',
            ),
          ),
    ]),
};
