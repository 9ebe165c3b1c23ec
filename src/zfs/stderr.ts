import { RoamhomeError, type ErrorCode } from '../errors/errors.ts';
import { fullDiskAccessRemedy } from '../host/full-disk-access.ts';
import type { Argv, CommandResult } from '../host/host.ts';

/** Where a failed command ran, in the reader's words: `this Mac`, `the server server.example`. */
type Place = string;

interface Pattern {
  readonly match: RegExp;
  readonly code: ErrorCode;
  readonly remedy: string;
  readonly retryable?: boolean;
}

/**
 * What zfs prints under LC_ALL=C, and what it means. Sources: lib/libzfs/libzfs_util.c, libzfs_sendrecv.c and
 * cmd/zfs/zfs_main.c of OpenZFS 2.3; the restricted shell's from its own output. The first match wins, so the
 * more particular come first.
 */
const patterns: readonly Pattern[] = [
  {
    // src/gate/judge-stream.ts.
    match: /roamhome-gate: refused: the snapshot in the stream was made \d+ hours later than now/,
    code: 'command-refused',
    remedy:
      'Run `date` here and on the server, and set the clock that is wrong. If it was the one here, run `zfs destroy SNAPSHOT` for the snapshots of that time: what they hold is in the home, and in its next snapshot.',
  },
  {
    match: /roamhome-gate: refused: the stream is (not )?raw/,
    code: 'command-refused',
    remedy:
      'Run `zfs get -r roamhome:sendflags,encryption HOME` on the server: w is for a home that is encrypted there as it is here, and all below it is to be sent like it.',
  },
  {
    match: /roamhome-gate: refused: the stream /,
    code: 'command-refused',
    remedy:
      "Run `roamhome --version` here and on the server, and update the older: Roamhome sends no such stream. If both are as new, find out who used this Mac's key (`journalctl -t roamhome-gate` on the server).",
  },
  {
    // src/gate/refusal.ts. What it would be useless to hand to zfs it refuses in the words of zfs: they are read as zfs's.
    match: /roamhome-gate: refused: (?!cannot (?:resume|receive))/,
    code: 'command-refused',
    remedy:
      "The gate on the server lets this Mac's key do only what its policy says (/etc/roamhome/keys there; `journalctl -t roamhome-gate` shows what was refused). local.macName, server.root and server.conflictsRoot of this Mac must be those of the policy, and Roamhome there as new as here.",
  },
  {
    match: /lshell: command not found: "?zfs\b/,
    code: 'zfs-not-installed',
    remedy:
      "Run `roamhome provision server` on the server: lshell's section there (env_path) has to name the directory of zfs.",
  },
  {
    // 0.11.1: what it says when it does not come as far as the command.
    match:
      /lshell: (config\b|home directory|missing parameter|invalid config|add it in the)|Traceback \(most recent call last\).*lshell/,
    code: 'command-refused',
    remedy:
      'Run `roamhome doctor --server` on the server: lshell does not start there for the account, and refuses every Mac.',
  },
  {
    match: /forbidden (char|command|path|environment|control)/,
    code: 'command-refused',
    remedy:
      "The server's restricted shell must allow the command zfs (lshell: allowed and overssh with 'zfs').",
  },
  {
    // nologin(8), which says it on stdout.
    match: /account is (currently )?not available/i,
    code: 'command-refused',
    remedy:
      "The account's shell on the server must be one that runs zfs: a restricted shell, or /bin/sh behind a forced command.",
  },
  {
    match:
      /\bzfs: (command )?not found|command not found: zfs\b|No such file or directory.*\bzfs\b|\bzfs: No such file/,
    code: 'zfs-not-installed',
    remedy: 'Install OpenZFS there, or put the directory of its zfs command on the PATH of that account.',
  },
  {
    match: /ZFS modules (are not|cannot be)|\/dev\/zfs/,
    code: 'zfs-not-installed',
    remedy: "Load OpenZFS's kernel module there (Linux: modprobe zfs; macOS: allow its system extension).",
  },
  {
    match: /pool I\/O is currently suspended|I\/O suspended|pool is suspended/,
    code: 'pool-suspended',
    remedy: 'A disk of the pool is gone: bring it back, then run `zpool clear POOL` there.',
    retryable: true,
  },
  {
    match: /quota exceeded/i,
    code: 'quota-exceeded',
    remedy:
      "Raise the home's quota there, as root: `zfs set quota=SIZE DATASET`. Or thin its snapshots there: `roamhome thin --server`. To remove files frees nothing: snapshots hold them. A home that waits is sent by itself then.",
  },
  {
    match: /out of space|No space left|insufficient space/i,
    code: 'no-space',
    remedy: 'Free space in that pool, or thin snapshots there. A home that waits is sent by itself then.',
  },
  {
    match: /partially-complete state/,
    code: 'partial-state',
    remedy:
      "An interrupted receive waits in that dataset: it is resumed, or given up by the server's own job.",
    retryable: true,
  },
  {
    match: /has been modified\s+since most recent snapshot/,
    code: 'dataset-modified',
    // Never a snapshot: it would make a conflict of what a mere mount has written.
    remedy:
      'Look there at what was written after the newest snapshot (`zfs diff SNAPSHOT DATASET`). If nothing of it is needed, run `zfs rollback SNAPSHOT` there.',
  },
  {
    match:
      /does not\s+match incremental source|incremental source .*(does not exist|is not earlier)|no incremental/,
    code: 'no-common-base',
    remedy:
      'The two sides no longer share a snapshot at this point; the next run looks again and plans anew.',
    retryable: true,
  },
  {
    match:
      /resume token is corrupt|cannot resume send|no longer the same snapshot|used in the initial send no longer|cannot receive resume stream: nothing waits/,
    code: 'token-unusable',
    remedy: 'The interrupted transfer cannot be taken up again; it is discarded and planned anew.',
    retryable: true,
  },
  {
    // EINVAL, in words for one of its causes (libzfs_sendrecv.c). The others: a snapshot was made on the receiving side
    // while the stream came in, or the token is older than what has arrived. And the gate, where the snapshot itself came meanwhile.
    match:
      /kernel modules must be upgraded|incompatible embedded data stream|is there already, with the guid of/,
    code: 'stream-refused',
    remedy:
      'A snapshot that was made there while the stream came in keeps it from being stored; `zfs list -t snapshot DATASET` shows it. The next run looks again and plans anew.',
    retryable: true,
  },
  {
    // An old zfs aborts at a stream that it does not know.
    match:
      /must be upgraded to receive|unsupported (feature|version)|does not have .* feature enabled|internal error: Invalid argument/,
    code: 'stream-unsupported',
    remedy:
      'Run `zpool upgrade POOL` on the receiving side, or have the home sent without what that pool lacks: `zfs set roamhome:sendflags=none HOME` on the server.',
  },
  {
    // Of a stream that is not raw, into or out of an encrypted dataset.
    match: /key must be loaded(?! to)/,
    code: 'key-not-loaded',
    remedy:
      'Run `zfs set roamhome:sendflags=w HOME` on the server if the home is to be sent as it is encrypted; else load its key there with `zfs load-key HOME`.',
  },
  {
    match: /key(s)? (is )?not loaded|encryption key.* not|Key must be loaded to|^Key (load|change) error/i,
    code: 'key-not-loaded',
    remedy:
      'Put the key where the dataset’s keylocation says (`zfs get keylocation`, `zfs set keylocation=file:///…`), or load it by hand there (`zfs load-key`).',
  },
  {
    match: /cannot move encrypted child outside of its encryption root/,
    code: 'encryption-root',
    remedy: 'Let local.conflictsRoot lie in the same encryption root as the home.',
  },
  {
    // `zfs send -I` holds the snapshots meanwhile, which `-i` does not (libzfs_sendrecv.c, zfs_send and zfs_send_one).
    match: /cannot hold: permission denied/,
    code: 'hold-denied',
    remedy: 'On the server: `zfs allow USER hold ROOT`.',
  },
  {
    match: /permission denied|insufficient privileges|Operation not permitted/i,
    code: 'permission-denied',
    remedy:
      'On the server: `zfs allow USER receive:append,create,mount,userprop,bookmark,snapshot,send,hold ROOT`. On the Mac: run as root.',
  },
  {
    match: /invalid option|unrecognized option|missing .* argument|bad property list|invalid property/,
    code: 'unknown-option',
    remedy: 'That zfs is older than Roamhome expects (OpenZFS 2.0 or newer): update it.',
  },
  {
    match: /Unable to obtain diffs: No such file or directory/,
    code: 'dataset-missing',
    remedy: 'The snapshot to compare with is gone; the next run looks again.',
    retryable: true,
  },
  {
    match: /Cannot diff an unmounted snapshot/,
    code: 'not-mounted',
    remedy: '`zfs diff` reads mounted datasets only: `zfs mount` it there.',
  },
  {
    match:
      /Unable to obtain diffs|Cannot create just-in-time snapshot|Unable to determine path or stats|bad data from diff IOCTL|allocated object .* find failure/,
    code: 'zfs-failed',
    remedy:
      'What changed cannot be told, so all counts as changed. `zpool status -v` there names damaged files.',
  },
  {
    match:
      /dataset does not exist|snapshot does not exist|bookmark '\S+' does not exist|could not find any snapshots to destroy|no such pool|parent does not exist|no datasets available/,
    code: 'dataset-missing',
    remedy: 'Check the dataset roots in the configuration (`roamhome config show`) against `zfs list` there.',
  },
  {
    match: /bookmark exists/,
    code: 'dataset-exists',
    remedy:
      'A bookmark of that name is there already, of something else. `zfs destroy` it if nobody needs it.',
  },
  {
    match: /already exists|destination .*exists/,
    code: 'dataset-exists',
    remedy: 'Something of that name is there already. Rename it (`zfs rename`); Roamhome removes nothing.',
  },
  {
    match: /being held|has dependent clones/,
    code: 'dataset-busy',
    remedy: 'Something hangs on it: `zfs holds SNAPSHOT` and `zfs get clones SNAPSHOT` there tell what.',
    retryable: true,
  },
  {
    match:
      /dataset is busy|is busy|[Rr]esource busy|target is busy|[Uu](n)?mount failed|Unmount of \S+ failed|could not be unmounted|in use/,
    code: 'dataset-busy',
    remedy:
      'Another receive or an open file holds the dataset. Roamhome tries again; `lsof` and `zfs list -t all` tell who.',
    retryable: true,
  },
  {
    match: /not currently mounted/,
    code: 'not-mounted',
    remedy: 'Nothing to do: it is not mounted.',
  },
  {
    match: /incomplete stream|checksum mismatch|failed to read from stream|invalid (backup )?stream/,
    code: 'stream-incomplete',
    remedy: 'The stream was cut; what arrived is kept and the next run goes on from there.',
    retryable: true,
  },
  {
    // Last: a shell may have warned before zfs said what is wrong.
    match: /lshell:/,
    code: 'command-refused',
    remedy: 'Run `roamhome doctor --server` on the server: it tries lshell as sshd calls it.',
  },
  {
    match: /invalid character|invalid dataset name|name is too long|invalid name/,
    code: 'name-invalid',
    remedy: 'Rename the dataset or the snapshot to plain letters, digits and _ . : -',
  },
];

/** Longer than a dataset's name, which stands before the words that tell what is wrong with it. */
const shownBefore = 300;
const shownAfter = 200;

/**
 * zfs's message as one line, without the advice on tokens that some carry. Of a long one the part around the words that
 * were understood, else its end: what a shell or its interpreter has to say stands before it.
 */
function messageOf(words: string, match: RegExp | undefined): string {
  const text = words.trim().replace(/ A resuming stream can be generated.*$/s, '');
  if (text.length <= shownBefore + shownAfter) return text;
  const at = match?.exec(text)?.index;
  if (at === undefined) return `…${text.slice(-(shownBefore + shownAfter))}`;
  const start = Math.max(0, at - shownBefore);
  return `${start === 0 ? '' : '…'}${text.slice(start, at + shownAfter)}`;
}

/** The dataset or snapshot that a command is about: its last word. zfs's own messages leave it out as often as not. */
function subjectOf(argv: Argv, shown: string): string {
  const last = argv.at(-1) ?? '';
  return /^[A-Za-z][A-Za-z0-9_.:-]*[/@#]\S+$/.test(last) && !shown.includes(last) ? ` ${last}` : '';
}

/** The typed error for a zfs command that ended with anything but 0. The only place that reads zfs's prose. */
export function zfsError(place: Place, argv: Argv, result: CommandResult): RoamhomeError {
  // zfs itself complains on stderr only; what stands in its place may not.
  const said = result.stderr.trim() === '' ? result.stdout.slice(0, 500) : result.stderr;
  const words = said.replace(/\s+/g, ' ');
  const pattern = patterns.find(({ match }) => match.test(words));
  const shown = messageOf(words, pattern?.match);
  const ending = result.exitCode === null ? `signal ${result.signal ?? '?'}` : `exit ${result.exitCode}`;
  const [program, subcommand = ''] = argv;
  const what = `${program} ${subcommand}${subjectOf(argv, shown)} on ${place} failed (${ending})`;
  if (pattern !== undefined) {
    // What zfs asks for on a server it never lacks here: the run is root's.
    const isRefused = place === 'this Mac' && pattern.code === 'permission-denied';
    return new RoamhomeError({
      code: pattern.code,
      message: `${what}: ${shown}`,
      remedy: (isRefused ? fullDiskAccessRemedy(said) : null) ?? pattern.remedy,
      retryable: pattern.retryable ?? false,
    });
  }
  if (result.exitCode === 127) {
    return new RoamhomeError({
      code: 'zfs-not-installed',
      message: `there is no ${program} command on ${place}${shown === '' ? '' : `: ${shown}`}`,
      remedy: 'Install OpenZFS there, or put the directory of its commands on the PATH of that account.',
    });
  }
  return new RoamhomeError({
    code: 'zfs-failed',
    message: `${what}${shown === '' ? ' and said nothing' : `: ${shown}`}`,
    remedy: 'Nothing was lost; what zfs said is above. Please report it if it is not of your own making.',
  });
}

/** Lines that zfs prints to stderr on a success, though something was not done (a property that was refused). */
export function warningsOf(result: CommandResult): readonly string[] {
  return result.stderr.split('\n').filter((line) => line.trim() !== '');
}
