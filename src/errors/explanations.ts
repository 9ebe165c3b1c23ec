import type { ErrorCode } from './errors.ts';

/** An error as its page in docs/reference/errors.md tells it. The error itself has the names and numbers of the case. */
export interface Explanation {
  readonly means: string;
  readonly remedy: string;
}

/** Every code, in the order of `ErrorCode`; `bug` is whatever Roamhome did not foresee. */
export const explanations: Readonly<Record<ErrorCode | 'bug', Explanation>> = {
  usage: {
    means: 'The command line is wrong, or asks for something that is not possible.',
    remedy: 'Run `roamhome help COMMAND` and correct the command line.',
  },
  'config-invalid': {
    means: 'A setting that this command needs has a wrong value, or is missing.',
    remedy: 'Correct the setting in the file that the message names. Check it with `roamhome config show`.',
  },
  'user-name-invalid': {
    means: 'The name cannot be the short name of a roaming user, or the user has uid 0.',
    remedy: 'Use a short name of letters, digits and `_ . -`. Take root out of the group that roams.',
  },
  'wrong-machine': {
    means: 'The command belongs on the other side: on the server, or on a Mac.',
    remedy: 'Run it there. If the role of this machine is wrong, run `roamhome provision role`.',
  },
  'not-root': {
    means: 'The command needs root.',
    remedy: 'Run it with `sudo`.',
  },
  'user-unknown': {
    means: 'This computer knows no user of that name.',
    remedy: 'Run `id USER`. If it fails, check the name and the directory service.',
  },
  'group-unknown': {
    means: 'This computer knows no group of that name.',
    remedy: 'Create the group, or set `syncGroup` to the group whose members roam.',
  },
  'zfs-not-installed': {
    means: 'There is no `zfs` where Roamhome looks for it, or its kernel module is not loaded.',
    remedy: 'Install OpenZFS and load it. If it is somewhere else, add its directory to `zfsPath`.',
  },
  'pool-not-imported': {
    means: 'The pool of the homes is not imported.',
    remedy: 'Connect its disks and run `zpool import POOL`. Check `local.root` with `roamhome config show`.',
  },
  'home-busy': {
    means: 'A program still uses the home, or the user is logged in.',
    remedy: 'End the program, or log the user out with `roamhome logout USER`.',
  },
  'no-snapshot': {
    means:
      'A logout or checkpoint could not snapshot the home. The files are there, but nothing protects the newest changes.',
    remedy: 'Fix the cause in the message, then run `roamhome push --pending`.',
  },
  'home-wrong-owner': {
    means: 'The home belongs to another user, or something other than a directory is in its place.',
    remedy:
      'Check that every computer gives the user the same uid. Then run the `chown` that the message names.',
  },
  locked: {
    means: 'Another run for the same user has not ended yet.',
    remedy: 'Wait for it. If it hangs, end the process that the message names.',
  },
  'file-unreadable': {
    means: 'A file cannot be read.',
    remedy: 'Check the path in the message and the rights of the file.',
  },
  'state-unusable': {
    means: 'A directory for locks, notes or logs is missing, full, or open to others than root.',
    remedy: 'Free space, or run the `chmod` or `chown` that the message names.',
  },
  'command-failed': {
    means: 'A program of the system failed.',
    remedy: 'Run the command in the message by hand as root. Fix what it reports, then run Roamhome again.',
  },
  'output-unwritable': {
    means: 'The output of the command cannot be written. Its work is done.',
    remedy: 'Free space where the output goes, and run the command again if you need the output.',
  },
  'server-unreachable': {
    means: 'The server does not answer. The home on this computer is complete.',
    remedy: 'Check the network and the server. Roamhome sends the home when the server is back.',
  },
  'connection-lost': {
    means: 'The connection to the server broke.',
    remedy: 'Wait: the next run resumes the transfer. To resume it now, run `roamhome push --pending`.',
  },
  'host-key-unknown': {
    means: 'The server shows a host key that this computer does not know.',
    remedy: 'Compare the fingerprint with that of the server, then run the command in the message.',
  },
  'host-key-changed': {
    means:
      'The server shows another host key than before. It was reinstalled, or somebody intercepts the connection.',
    remedy: 'Compare the fingerprint on the server itself. Only then replace the key as the message says.',
  },
  'host-key-revoked': {
    means: 'The server shows a host key that this computer lists as revoked.',
    remedy: 'Give the server a new host key. Do not connect before that.',
  },
  'key-unusable': {
    means: 'An SSH key is missing, damaged, has a passphrase, or is open to others than root.',
    remedy: 'Run the command in the message. `roamhome provision client` makes a new key if none is there.',
  },
  'auth-refused': {
    means: "The server does not accept this computer's key.",
    remedy: 'Run `roamhome provision key add MAC KEY` on the server, with the public key of this computer.',
  },
  'command-refused': {
    means: 'The gate or the restricted shell on the server refused a command.',
    remedy: 'Run `roamhome doctor --server` on the server, and update the older of the two Roamhomes.',
  },
  stalled: {
    means: 'A transfer moved no byte for `limits.stallSeconds`.',
    remedy: 'Check the network and the load of the server. The next run resumes the transfer.',
  },
  'timed-out': {
    means: 'A step took longer than its limit.',
    remedy: 'Check the load of the server and its pool with `zpool iostat`. The next run continues.',
  },
  cancelled: {
    means: 'Somebody stopped the run, or another run asked it to end.',
    remedy: 'Run it again. It continues.',
  },
  'name-invalid': {
    means: 'A dataset or snapshot has a name that Roamhome cannot use, such as one with a blank.',
    remedy: 'Run `zfs rename` to give it a name of letters, digits and `_ . : -`.',
  },
  'dataset-missing': {
    means: 'A dataset or snapshot is not there.',
    remedy: 'Compare `roamhome config show` with `zfs list` on that machine.',
  },
  'dataset-exists': {
    means: 'Another dataset or snapshot has the name that Roamhome needs.',
    remedy: 'Rename it with `zfs rename`. Roamhome removes nothing.',
  },
  'dataset-busy': {
    means: 'Another transfer, an open file, a hold or a clone keeps the dataset from being changed.',
    remedy: 'Run `zfs holds SNAPSHOT` and `lsof` to see what it is. The next run tries again.',
  },
  'dataset-modified': {
    means:
      'Somebody wrote to the home on the receiving side, for example because it was mounted on the server.',
    remedy: 'Run `zfs diff SNAPSHOT DATASET` there. If you need none of it, run `zfs rollback SNAPSHOT`.',
  },
  'no-common-base': {
    means: 'The two sides share no snapshot from which changes could be sent. Both versions are kept.',
    remedy: 'Run `roamhome status USER` to see both sides. The message names the next command.',
  },
  'partial-state': {
    means: 'An interrupted transfer is in the way, or a conflict has not fully arrived.',
    remedy: 'Run the command again when the server answers. It resumes the transfer.',
  },
  'stream-incomplete': {
    means: 'A transfer ended too early. The part that arrived is kept.',
    remedy: 'Wait: the next run resumes it.',
  },
  'stream-unsupported': {
    means: 'The receiving pool lacks a feature that the stream needs.',
    remedy: 'Run `zpool upgrade POOL` there. Or run `zfs set roamhome:sendflags=none HOME` on the server.',
  },
  'stream-refused': {
    means:
      'The receiving side did not store the stream, often because of a snapshot that somebody made there meanwhile.',
    remedy: 'Run `zfs list -t snapshot DATASET` there. The next run plans again.',
  },
  'token-unusable': {
    means: 'An interrupted transfer cannot be resumed.',
    remedy: 'Wait: the next run starts the transfer from the beginning.',
  },
  'permission-denied': {
    means: 'The operating system, ZFS or macOS privacy protection did not permit a step.',
    remedy:
      'Run the command in the message: `zfs allow` on the server, or root or Full Disk Access on the Mac.',
  },
  'hold-denied': {
    means: 'The account on the server may not hold snapshots.',
    remedy: 'Run `roamhome provision server` again, or `zfs allow USER hold ROOT` on the server.',
  },
  'quota-exceeded': {
    means: 'The home has reached its quota. Snapshots count too.',
    remedy:
      'Raise the quota with `zfs set quota=SIZE DATASET`, or run `roamhome thin --server` on the server.',
  },
  'no-space': {
    means: 'The pool or the disk is full.',
    remedy: 'Free space there, or thin snapshots. Roamhome sends a pending home by itself afterwards.',
  },
  'pool-suspended': {
    means: 'The pool has stopped because a disk is gone.',
    remedy: 'Bring the disk back, then run `zpool clear POOL`.',
  },
  'key-not-loaded': {
    means: 'The encryption key of a dataset is not loaded.',
    remedy: 'Run `zfs load-key DATASET`, or put the key where `zfs get keylocation DATASET` says.',
  },
  'encryption-root': {
    means: 'An encrypted home cannot move to the place of conflicts, or has a key of its own.',
    remedy: 'Set `local.conflictsRoot` to a dataset below the one that has the key of the homes.',
  },
  'unknown-option': {
    means: 'This `zfs` is older than Roamhome needs.',
    remedy: 'Update OpenZFS to 2.0 or newer.',
  },
  'not-mounted': {
    means: 'A dataset is not mounted, and the step needs it mounted.',
    remedy: 'Run `zfs mount DATASET` there, unless the message says that nothing is to do.',
  },
  'zfs-failed': {
    means: 'A `zfs` command failed for a reason that Roamhome does not know. Nothing is lost.',
    remedy: 'Read what `zfs` says in the message. Run the command by hand to look further.',
  },
  'zfs-output-unknown': {
    means: 'A `zfs` command printed something that Roamhome does not understand. It did nothing.',
    remedy: 'Update Roamhome. If it stays, report the line with the output of `zfs version`.',
  },
  'home-missing': {
    means: 'The user has no home there.',
    remedy: 'Check the name, and `local.root` and `server.root` with `roamhome config show`.',
  },
  'path-missing': {
    means: 'The file or folder is not in that snapshot or conflict.',
    remedy: 'Run `roamhome versions USER PATH` to see when it was there.',
  },
  diverged: {
    means: 'Both sides have changed, and this command cannot bring them together. Both are kept.',
    remedy: 'Run `roamhome status USER`, then follow the guide to conflicts.',
  },
  'guid-doubled': {
    means: 'Two snapshots of a dataset have the same ZFS guid, which only a forged stream brings about.',
    remedy:
      'Run `zfs list -t snapshot -o name,guid,written -s createtxg DATASET` there, and find out who sent it.',
  },
  'server-blocked': {
    means: 'An interrupted transfer on the server is in the way. The home on this computer is complete.',
    remedy: 'Wait: the server gives the transfer up after an hour. Run `roamhome tend` there to check.',
  },
  'not-converging': {
    means: 'More remains to be sent than one run sends, or the two sides keep changing.',
    remedy: 'Run `roamhome push --pending`. If it fails again, report it with the log.',
  },
  'logged-in-elsewhere': {
    means: 'The user is logged in on another Mac, and the command or the policies refuse that.',
    remedy: 'Log out there. If that Mac is gone, use the command in the message.',
  },
  'in-the-way': {
    means: 'Something else has the place that Roamhome needs. It was not touched.',
    remedy: 'Rename or move what the message names, then run the command again.',
  },
  'not-confirmed': {
    means: 'The command needs a confirmation, and got none. Nothing was changed.',
    remedy: 'Run it again and confirm. In a script, use the option that the message names.',
  },
  'directory-unreachable': {
    means: 'The LDAP directory does not answer.',
    remedy: 'Check `directory.url` and the directory server, then run the command again.',
  },
  'directory-untrusted': {
    means: 'The certificate of the LDAP directory is not trusted.',
    remedy: 'Set `directory.caFile` to the certificate of the authority that issued it.',
  },
  'directory-refused': {
    means: 'The LDAP directory refused the account, its password, or the change.',
    remedy: 'Run `ldapwhoami` as the message shows. Correct `directory.bindDn`, its password or its rights.',
  },
  'directory-secret-unusable': {
    means: 'There is no password for the LDAP directory, or others can read its file.',
    remedy: 'Put it into a file of mode 600, and set `directory.bindSecretFile` to that file.',
  },
  'directory-incomplete': {
    means: 'The LDAP directory lacks an entry or an attribute that users need.',
    remedy: 'Add it, or run `roamhome provision user add` with `--prepare-directory`.',
  },
  'directory-taken': {
    means: 'A name or uid number is in use by somebody else, or none is free.',
    remedy: 'Choose another one, or raise `directory.uidMax`.',
  },
  'directory-failed': {
    means: 'The LDAP directory could not carry out a change.',
    remedy: "Read the directory's own log, then run the command again. It does only what is missing.",
  },
  'schedule-invalid': {
    means: 'A schedule for thinning is not understood.',
    remedy: 'Run `roamhome schedule explain SCHEDULE` to try a schedule.',
  },
  'clock-leapt': {
    means: 'The clock jumped over many days, so thinning destroys nothing.',
    remedy: 'Correct the clock. If it is right, run `roamhome thin --force` once.',
  },
  bug: {
    means: 'Roamhome met something that it did not foresee.',
    remedy: 'Report it with the output and the log.',
  },
};
