import { lab, sh } from './lab.ts';
import type { Outcome } from './roam.ts';

type Problem = Outcome['report']['problems'][number];

/** A reason why the server cannot be used, and what a Mac has to say of it. */
export interface Situation {
  readonly name: string;
  /** Makes it so; without one the options alone do. */
  readonly cause?: () => Promise<unknown>;
  /** Ends it, as the remedy says where that is a command. */
  readonly gone?: (problem: Problem) => Promise<unknown>;
  readonly options?: readonly string[];
  readonly code: string;
  readonly exit: number;
  readonly message: RegExp;
  readonly remedy: RegExp;
  /** What the session writes, in KiB: enough not to fit. What did fit waits on the server to be gone on with. */
  readonly kibibytes?: number;
}

/** What stands behind "If they are the same:" is a command for a shell. */
const pastedFrom = (problem: Problem, before: string): string => {
  const [, command] = problem.remedy.split(before);
  if (command === undefined) throw new Error(`no command in: ${problem.remedy}`);
  return command;
};
/** As options of a command. */
export const settings = (...pairs: readonly string[]): readonly string[] =>
  pairs.flatMap((pair) => ['--set', pair]);
const strangeKey = 'rm -f /root/strange*; ssh-keygen -q -t ed25519 -N "" -f /root/strange';

/** Each is over, and leaves nothing behind, after `gone`. */
export const situations: readonly Situation[] = [
  {
    name: 'sshd on the server is stopped',
    cause: () => sh('server', 'systemctl stop ssh'),
    gone: () => sh('server', 'systemctl start ssh'),
    code: 'server-unreachable',
    exit: 69,
    message: /^server:22 refuses connections$/,
    remedy: /sshd/,
  },
  {
    name: 'the network drops everything in silence',
    cause: () => lab('net', 'mac-a', 'cut'),
    gone: () => lab('net', 'mac-a', 'clear'),
    options: settings('limits.connectSeconds=3'),
    code: 'server-unreachable',
    exit: 69,
    message: /^no answer from server:22, within 3 s$/,
    remedy: /sent when the server is back/,
  },
  {
    name: 'the server shows another host key than known_hosts has',
    cause: () =>
      sh(
        'mac-a',
        `${strangeKey}; echo "server $(cut -d' ' -f1,2 /root/strange.pub)" >/etc/roamhome/known_hosts`,
      ),
    gone: (problem) => sh('mac-a', pastedFrom(problem, 'If they are the same: ')),
    code: 'host-key-changed',
    exit: 77,
    message:
      /^server shows the host key SHA256:\S{43} \(ssh-ed25519\), but \/etc\/roamhome\/known_hosts has SHA256:\S{43} \(ssh-ed25519\)$/,
    remedy: /ssh-keygen -lf \/etc\/ssh\/ssh_host_ed25519_key\.pub.*ssh-keygen -R server -f/,
  },
  {
    name: 'known_hosts has no entry for the server',
    cause: () =>
      sh(
        'mac-a',
        'echo "other $(cut -d" " -f2,3 /etc/roamhome/known_hosts | head -n1)" >/etc/roamhome/known_hosts',
      ),
    gone: (problem) => sh('mac-a', pastedFrom(problem, 'If they are the same: ')),
    code: 'host-key-unknown',
    exit: 77,
    message:
      /^server shows the host key SHA256:\S{43} \(ssh-ed25519\), which is not in \/etc\/roamhome\/known_hosts$/,
    remedy:
      /ssh-keygen -lf \/etc\/ssh\/ssh_host_ed25519_key\.pub.*echo 'server ssh-ed25519 \S+' >> \/etc\/roamhome\/known_hosts$/,
  },
  {
    name: 'the server does not know the key',
    cause: () => sh('mac-a', strangeKey),
    options: settings('server.identityFile=/root/strange'),
    code: 'auth-refused',
    exit: 77,
    message: /^server:22 refuses zfs_mobile_sync with the key SHA256:\S{43} \(\/root\/strange\)$/,
    remedy: /authorized_keys of zfs_mobile_sync: ssh-keygen -y -f \/root\/strange$/,
  },
  {
    name: 'others can read the key',
    cause: () => sh('mac-a', 'chmod 644 /etc/roamhome/id_ed25519'),
    gone: ({ remedy }) => sh('mac-a', remedy),
    code: 'key-unusable',
    exit: 78,
    message: /^others than its owner can get at \/etc\/roamhome\/id_ed25519 \(mode 0644\)$/,
    remedy: /^chmod 600 \/etc\/roamhome\/id_ed25519$/,
  },
  {
    name: 'the server has no such account',
    options: settings('server.user=nobodyhere'),
    code: 'auth-refused',
    exit: 77,
    message: /^server:22 refuses nobodyhere with the key SHA256:/,
    remedy: /authorized_keys of nobodyhere/,
  },
  {
    name: 'the server has no such dataset',
    options: settings('server.root=data/nope'),
    code: 'dataset-missing',
    exit: 66,
    message: /^zfs receive data\/nope\/alice on server failed \(exit 1\): cannot open 'data\/nope'/,
    remedy: /roamhome config show/,
  },
  {
    name: 'the account may not receive',
    cause: () => sh('server', 'zfs unallow -u zfs_mobile_sync data/profiles'),
    gone: () =>
      sh(
        'server',
        'zfs allow -u zfs_mobile_sync receive:append,create,mount,userprop,bookmark,snapshot,send,hold data/profiles',
      ),
    code: 'permission-denied',
    exit: 77,
    message: /^zfs receive data\/profiles\/alice on server failed \(exit 1\): .*permission denied$/,
    remedy: /zfs allow/,
  },
  {
    name: 'the home on the server is at its quota',
    cause: () => sh('server', 'zfs set quota=8M data/profiles/alice'),
    gone: () => sh('server', 'zfs set quota=none data/profiles/alice'),
    kibibytes: 16_384,
    code: 'quota-exceeded',
    exit: 74,
    message:
      /^zfs receive on server failed \(exit 1\): .*destination data\/profiles\/alice space quota exceeded/,
    remedy: /quota/,
  },
  {
    name: "the server's pool is full",
    cause: () =>
      sh(
        'server',
        'zfs create -o mountpoint=none -o refreservation=$(($(zfs get -Hpo value available data) - 6000000)) data/ballast',
      ),
    gone: () => sh('server', 'zfs set refreservation=none data/ballast'),
    kibibytes: 16_384,
    code: 'no-space',
    exit: 74,
    message: /^zfs receive data\/profiles\/alice on server failed \(exit 1\): .*out of space$/,
    remedy: /[Ff]ree space/,
  },
  {
    // For the account: the test itself still asks the server's zfs what has changed.
    name: 'the server has no zfs',
    cause: () =>
      sh('server', "sed -i 's/^env_path/# env_path/' /etc/lshell.conf; mv /usr/bin/zfs /usr/bin/zfs.away"),
    gone: () =>
      sh('server', "sed -i 's/^# env_path/env_path/' /etc/lshell.conf; mv /usr/bin/zfs.away /usr/bin/zfs"),
    code: 'zfs-not-installed',
    exit: 71,
    message:
      /^zfs list data\/profiles\/alice on server failed \(exit 127\): lshell: command not found: "zfs"$/,
    remedy: /Run `roamhome provision server` on the server/,
  },
  {
    name: "the server's restricted shell does not allow zfs",
    cause: () => sh('server', "sed -i 's/\\^zfs/^nothing/' /usr/local/bin/lshell-standin"),
    gone: () => sh('server', "sed -i 's/\\^nothing/^zfs/' /usr/local/bin/lshell-standin"),
    code: 'command-refused',
    exit: 77,
    message: /^zfs list on server failed \(exit 1\): lshell: forbidden/,
    remedy: /restricted shell must allow the command zfs/,
  },
  {
    name: 'the account on the server is closed',
    cause: () => sh('server', 'usermod -s /usr/sbin/nologin zfs_mobile_sync'),
    gone: () => sh('server', 'usermod -s /usr/local/bin/lshell-standin zfs_mobile_sync'),
    code: 'command-refused',
    exit: 77,
    message:
      /^zfs list data\/profiles\/alice on server failed \(exit 1\): This account is currently not available/,
    remedy: /shell/,
  },
];
