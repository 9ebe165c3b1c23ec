import { basename } from 'node:path';
import type { Config } from '../../config/schema.ts';
import { span } from '../../format/time.ts';
import type { CommandResult } from '../../host/host.ts';
import { shellWord } from '../../host/shell-word.ts';
import { isJudged, saidByTrial } from '../../provision/server/shell-trial.ts';
import { isVital, waysIn, type SshdSettings, type WayIn } from '../../provision/server/sshd-ways-in.ts';
import { wantedSshd, type Restriction } from '../../provision/server/wanted-server.ts';
import { splitKeyLine, splitOptions } from '../../provision/key/key-line.ts';
import type { ListedFilesystem } from '../../zfs/commands/list-filesystems.ts';
import { both, type Fact } from '../fact.ts';
import {
  advise,
  judging,
  ok,
  orOk,
  run,
  warning,
  critical,
  type Check,
  type Finding,
  type Remedy,
} from '../finding.ts';
import { judgeFileRights } from './file-rights.ts';

/** The account that Macs log in as, as the system has it. */
export interface ServerAccount {
  readonly uid: number;
  readonly home: string;
  readonly shell: string;
}

/** lshell by any path, and the lab's stand-in for it. Pure. */
export const isLshell = (shell: string): boolean => basename(shell).includes('lshell');

/** A file or directory that decides who may log in. */
export interface GuardedPlace {
  readonly path: string;
  readonly uid: number;
  readonly mode: number;
}

/** The public keys of the account. */
export interface AuthorizedKeys {
  readonly path: string;
  /** null: there is no such file. */
  readonly lines: readonly string[] | null;
  /** The file and the directories above it up to the account's home, as far as they are there. */
  readonly places: readonly GuardedPlace[];
}

interface ServerFacts {
  readonly config: Fact<Config>;
  readonly now: Fact<number>;
  /** What lies in the two roots, which are in it themselves where they are there. */
  readonly filesystems: Fact<readonly ListedFilesystem[]>;
  /** null: there is no such account. */
  readonly account: Fact<ServerAccount | null>;
  /** Where lshell is; null: it is not installed. */
  readonly lshell: Fact<string | null>;
  /** How the account's lshell ended, called as sshd calls it (provision/server/shell-trial.ts); null: it has none. */
  readonly shellTrial: Fact<CommandResult | null>;
  readonly authorizedKeys: Fact<AuthorizedKeys | null>;
  /** What sshd does for the account, by lower-case names (`sshd -T`). */
  readonly sshd: Fact<SshdSettings>;
  /** When the server's job last came to its end, in seconds since the epoch; null: never, as far as is known. */
  readonly lastRun: Fact<number | null>;
}

export const rootsCheck: Check<ServerFacts> = {
  name: 'roots',
  about: 'The datasets for homes and for branches are there and never mounted, and no home is mounted here',
  judge: ({ config, filesystems }) =>
    judging(both(config, filesystems), ([{ server }, all]) => {
      const roots = [...new Set([server.root, server.conflictsRoot])];
      const faults = roots.flatMap((root): readonly Finding[] => {
        const found = all.find(({ name }) => name === root);
        if (found === undefined) {
          const command = `zfs create -o canmount=off -o mountpoint=none -o compression=lz4 -o atime=off -o setuid=off -o devices=off ${root}`;
          return [critical(`there is no ${root}`, run('here', [command]))];
        }
        const canmount = found.properties['canmount'] ?? '-';
        if (canmount === 'off') return [];
        const set = run('here', [`zfs set canmount=off ${root}`]);
        return [warning(`${root} has canmount=${canmount}, not off`, set)];
      });
      const mounted = all
        .filter(({ properties }) => properties['mounted'] === 'yes')
        .map(({ name }) =>
          warning(
            `${name} is mounted on the server: what is changed there meanwhile keeps Macs from sending`,
            run('here', [`zfs unmount ${name}`]),
          ),
        );
      const rights = judgeFileRights(
        all
          .filter(({ name }) => roots.includes(name))
          .map((root) => ({ ...root, mounted: root.properties['mounted'] === 'yes' })),
      );
      return orOk([...faults, ...mounted, ...rights], roots.join(' and '));
    }),
};

const optionsOf = (line: string): readonly string[] => splitOptions(splitKeyLine(line)?.options ?? '');
const isRestricted = (line: string): boolean => optionsOf(line).some((one) => /^restrict$/i.test(one));
const isForced = (line: string): boolean => optionsOf(line).some((one) => /^command="/i.test(one));
const isText = (line: string): boolean => line.trim() !== '' && !line.trim().startsWith('#');
const keysOf = ({ lines }: AuthorizedKeys): readonly string[] =>
  (lines ?? []).filter((line) => splitKeyLine(line) !== null);
/** What a person knows a key by: its comment, or its end. */
const nameOf = (line: string): string => line.trim().split(/\s+/).at(-1)?.slice(-30) ?? '';

/** A key that lost its blank before: its Mac is locked out. */
const commaForBlank = /^restrict,(?:ssh|ecdsa|sk)-\S+ AAAA/;

/** Lines that are to be keys, and that sshd does not read as such. */
function judgeKeyless({ path, lines }: AuthorizedKeys): readonly Finding[] {
  const file = shellWord(path);
  const dead = (lines ?? [])
    .map((line, index) => ({ line: line.trim(), number: index + 1 }))
    .filter(({ line }) => isText(line) && splitKeyLine(line) === null);
  const told = (these: typeof dead, why: string): string => {
    const numbers = these.map(({ number }) => number).join(', ');
    return `in ${path} ${these.length === 1 ? `line ${numbers} is no key` : `lines ${numbers} are no keys`} to sshd${why}: it lets nobody in by ${these.length === 1 ? 'it' : 'them'}`;
  };
  const cut = dead.filter(({ line }) => commaForBlank.test(line));
  const other = dead.filter(({ line }) => !commaForBlank.test(line));
  return [
    ...(cut.length === 0
      ? []
      : [
          critical(
            told(cut, ', for want of a blank after restrict'),
            run('here', [`sed -i -e 's/^restrict,\\([a-z]*-[^ =]* AAAA\\)/restrict \\1/' ${file}`]),
          ),
        ]),
    ...(other.length === 0
      ? []
      : [
          warning(
            told(other, ''),
            advise('here', `Correct ${other.length === 1 ? 'it' : 'them'}, or put # in front.`),
          ),
        ]),
  ];
}

/** Puts `restrict` before each key that has neither it nor a forced command. No command of a remedy has a bar: it would end Nagios's text. */
const restrictKeys = [
  ...['s/^[[:space:]]*//', '/^$/b', '/^#/b', '/^[^ ]*command="/b'],
  ...['/^ssh-/s/^/restrict /', '/^ecdsa-/s/^/restrict /', '/^sk-/s/^/restrict /'],
  ...['/^restrict[ ,]/b', 's/^/restrict,/'],
]
  .map((one) => `-e '${one}'`)
  .join(' ');

export const accountCheck: Check<ServerFacts> = {
  name: 'account',
  about:
    'The account that Macs log in as is there, and can run nothing but zfs: by its shell, or by a forced command for each key',
  judge: ({ config, account, authorizedKeys, lshell, shellTrial }) =>
    judging(both(config, account), ([{ server }, found]) => {
      const provision = provisionAgain(server);
      if (found === null)
        return [critical(`this machine knows no user ${server.user}: no Mac can log in`, provision)];
      if (found.uid === 0)
        return [critical(`${server.user} is root`, advise('here', 'Set server.user to another.'))];
      if (isLshell(found.shell))
        return judging(shellTrial, (tried) => [
          tried === null || tried.exitCode === 0
            ? ok(
                tried === null || isJudged(tried)
                  ? `its shell is ${found.shell}, and the gate stands before zfs`
                  : `its shell is ${found.shell}, which lets zfs through and nothing else. It judges no stream: a stolen Mac's key reads every dataset of the pool. \`roamhome provision server\` here closes that`,
              )
            : critical(
                `its shell ${found.shell}, called as sshd calls it, is no restriction that works: ${saidByTrial(tried.stderr)}`,
                provision,
              ),
        ]);
      const keys =
        authorizedKeys.known && authorizedKeys.value !== null ? keysOf(authorizedKeys.value) : null;
      if (keys !== null && keys.length > 0 && keys.every(isForced))
        return [ok('each of its keys has a forced command')];
      return [
        critical(
          `the shell of ${server.user} is ${found.shell}: whoever has a Mac's key can run anything here`,
          // Without an lshell there, the shell would be one that lets nobody in.
          lshell.known && lshell.value !== null
            ? run('here', [`usermod --shell ${shellWord(lshell.value)} ${shellWord(server.user)}`])
            : provision,
        ),
      ];
    }),
};

/** Sets up what is not as it is to be, and says what is in the way. */
export function provisionAgain({ root, conflictsRoot }: Config['server']): Remedy {
  const pool = root.replace(/\/profiles$/, '');
  if (root === `${pool}/profiles` && conflictsRoot === `${pool}/profiles-conflicts`)
    return run('here', [`roamhome provision server --pool ${shellWord(pool)}`]);
  return advise('here', 'Set the account up as docs/guide/by-hand.md says.');
}

export const keysCheck: Check<ServerFacts> = {
  name: 'authorized-keys',
  about:
    "The account's authorized_keys can be changed by it and root alone, and each key in it is restricted",
  judge: ({ config, account, authorizedKeys }) =>
    judging(both(both(config, account), authorizedKeys), ([[{ server }, found], keys]) => {
      if (found === null || keys === null) return [ok('there is no account yet')];
      const file = shellWord(keys.path);
      if (keys.lines === null || keys.lines.every((line) => !isText(line)))
        return [
          warning(
            `${keys.path} has no key: no Mac can log in`,
            run(
              'here',
              [`roamhome provision key add MAC KEY.pub`],
              'Let each Mac in, by the name and the public key that `roamhome provision client` tells there: ',
            ),
          ),
        ];
      const weak = keys.places
        .filter(({ uid, mode }) => (mode & 0o022) !== 0 || (uid !== 0 && uid !== found.uid))
        .map(({ path, uid, mode }) => {
          const isOwned = uid === 0 || uid === found.uid;
          const word = shellWord(path);
          const commands: [string, ...string[]] = isOwned
            ? [`chmod go-w ${word}`]
            : [`chown ${shellWord(server.user)} ${word}`, `chmod go-w ${word}`];
          const octal = mode.toString(8).padStart(4, '0');
          return critical(
            `others than ${server.user} can change ${path} (uid ${uid}, mode ${octal}): sshd takes no key from there`,
            run('here', commands),
          );
        });
      const open = keysOf(keys).filter((line) => !isRestricted(line) && !isForced(line));
      const loose =
        open.length === 0
          ? []
          : [
              critical(
                `in ${keys.path} ${open.length === 1 ? `the key ${nameOf(open[0] ?? '')} has` : `${open.length} keys have`} no restrict before it: it may forward ports`,
                run('here', [`sed -i ${restrictKeys} ${file}`]),
              ),
            ];
      return orOk([...weak, ...judgeKeyless(keys), ...loose], `${keysOf(keys).length} in ${keys.path}`);
    }),
};

/** Debian calls it ssh, others sshd. */
const reloadSshd =
  'sshd -t && if systemctl -q is-active ssh; then systemctl reload ssh; else systemctl reload sshd; fi';

/** A drop-in that sshd reads before all others: of two values it takes the first. */
const dropIn = '/etc/ssh/sshd_config.d/00-roamhome-account.conf';

/** A block that sshd reads before all others closes it, but for what holds for all users alike or is added up. */
function closeWay({ keyword, is, wanted }: WayIn, { server, settings, restriction }: SshdFacts): Remedy {
  const isAdded = keyword === 'AcceptEnv' && (settings.get('acceptenv') ?? '').split(' ').includes(wanted);
  if (isAdded)
    return advise(
      'here',
      `Take AcceptEnv ${is} out of the Match block of /etc/ssh/sshd_config.d that has it.`,
    );
  if (keyword === 'Subsystem')
    return advise(
      'here',
      'Have sshd start a program for it (`Subsystem sftp /usr/lib/openssh/sftp-server`), or take the gate: `roamhome provision server --restriction gate`.',
    );
  if (keyword === 'PermitUserEnvironment')
    return advise('here', 'Set `PermitUserEnvironment no` in /etc/ssh/sshd_config: a Match block cannot.');
  if (keyword === 'AuthorizedKeysFile') return provisionAgain(server);
  const lines = Object.entries(wantedSshd('', restriction))
    .filter(([one]) => settings.has(one.toLowerCase()) && (isVital(one) || one === keyword))
    .map(([one, value]) => `  ${one} ${value}\\n`)
    .join('');
  return run('here', [`printf 'Match User ${server.user}\\n${lines}' > ${dropIn}`, reloadSshd]);
}

interface SshdFacts {
  readonly server: Config['server'];
  readonly settings: SshdSettings;
  readonly restriction: Restriction;
}

export const sshdCheck: Check<ServerFacts> = {
  name: 'sshd',
  about:
    'For the account sshd takes keys of its one file and nothing else, gives no terminal and no variables, and notices within a minute that a Mac is gone',
  judge: ({ config, sshd, account }) =>
    judging(both(config, sshd), ([{ server }, settings]) => {
      const restriction: Restriction =
        account.known && account.value !== null && isLshell(account.value.shell) ? 'lshell' : 'gate';
      const faults: Finding[] = waysIn(settings, restriction).map((way) =>
        critical(
          `for ${server.user} sshd has ${way.keyword} ${way.is}, not ${way.wanted}: ${way.why}`,
          closeWay(way, { server, settings, restriction }),
        ),
      );
      const [interval, count] = ['clientaliveinterval', 'clientalivecountmax'].map((name) =>
        Number(settings.get(name)),
      );
      const patience = (interval ?? 0) * (count ?? 0);
      if (!(patience > 0 && patience <= 60))
        faults.push(
          warning(
            'sshd does not notice within a minute that a Mac has lost its power: its receive keeps others from sending',
            run('here', [
              `printf 'ClientAliveInterval 5\\nClientAliveCountMax 3\\n' > /etc/ssh/sshd_config.d/00-roamhome-alive.conf`,
              reloadSshd,
            ]),
          ),
        );
      return orOk(faults, 'keys of its one file alone, no terminal, no variables');
    }),
};

/** The job runs each hour, or each day as an admin has it. */
const longestHours = 50;

export const tendedCheck: Check<ServerFacts> = {
  name: 'tended',
  about: "The server's job has thinned the homes within 50 hours",
  judge: ({ lastRun, now }) =>
    judging(both(lastRun, now), ([last, at]) => {
      const age = last === null ? Infinity : at - last * 1000;
      if (age < longestHours * 3_600_000) return [ok(`${span(Math.max(0, age))} ago`)];
      return [
        warning(
          last === null
            ? 'the homes here were never thinned'
            : `the homes here were last thinned ${span(age)} ago`,
          run('here', ['roamhome thin --server --tend']),
        ),
      ];
    }),
};
