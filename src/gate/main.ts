import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeSync } from 'node:fs';
import { othersCanChange } from '../host/others-can-change.ts';
import type { ResumeTokenFields } from '../zfs/resume-token.ts';
import { policiesOfAccount } from './account-keys.ts';
import { judge, judgeForAny, type Verdict } from './judge.ts';
import { behindShell, judgeQuestion, parsePolicy, type Policy } from './policy.ts';
import { receiveJudged } from './receive.ts';
import { auditArgv, refusalLine, type Asked } from './refusal.ts';
import { askZfs, endAs, environment, runZfs } from './zfs-process.ts';

// sshd runs this for each command of a Mac, as the account of the homes: `node gate.js /etc/roamhome/keys/MAC.json`. Behind lshell it is
// the zfs that lshell finds first (provision/server/shell-zfs.ts). What is
// legal goes to zfs with this process's own stdin, stdout and stderr; only of a stream to be received is the head read first.

/** Debian and FreeBSD, those whose /sbin is apart, what was built by hand, OpenZFS on OS X, illumos. */
const zfsPlaces = ['/usr/sbin', '/sbin', '/usr/local/sbin', '/usr/local/zfs/bin', '/usr/bin'];

/** Exit code of a shell that may not run what it was asked to. */
const refusedCode = 126;

/** sshd tells the line, root's file the rights. */
async function runForced(policyFile: string): Promise<void> {
  const line = process.env['SSH_ORIGINAL_COMMAND'] ?? '';
  const from = process.env['SSH_CONNECTION']?.split(' ', 1)[0] ?? 'an unknown place';
  const policy = await readPolicy(policyFile);
  if (policy instanceof Error) {
    const asked = { line, who: 'a key without a usable policy', from };
    refuse(`the policy ${policyFile} cannot be used: ${policy.message}`, asked);
    return;
  }
  await carryOut({ verdict: judge(line, policy), policy }, { line, who: `the key of ${policy.mac}`, from });
}

/**
 * As the zfs that lshell finds. The environment is empty: whatever is in it came from the client. So nothing says from where it came,
 * nor which of the account's keys it has.
 */
async function runBehindShell(words: readonly string[]): Promise<void> {
  const [first] = words;
  if (words.length === 1 && first === judgeQuestion) {
    writeSync(1, 'roamhome\n');
    return;
  }
  const uid = process.getuid?.() ?? -1;
  const line = ['zfs', ...words].join(' ');
  const asked = { line, who: `a key of uid ${uid}, behind its shell`, from: 'an unknown place' };
  if (words.length === 1 && first === 'version') {
    // What provisioning and doctor try the shell with.
    const zfs = findZfs(null);
    if (zfs !== null) endAs(await runZfs(zfs, words));
    return;
  }
  let policies: readonly Policy[];
  try {
    policies = await policiesOfAccount();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    refuse(`what the keys of this account may do cannot be told: ${why}`, asked);
    return;
  }
  await carryOut(judgeForAny(line, policies), asked);
}

/** null: it is not there, which is said. */
function findZfs(policy: Policy | null): string | null {
  const zfs = policy?.zfs ?? zfsPlaces.map((place) => `${place}/zfs`).find((path) => existsSync(path));
  if (zfs !== undefined) return zfs;
  writeSync(2, `zfs: not found in ${zfsPlaces.join(', ')}\n`);
  process.exitCode = 127;
  return null;
}

async function carryOut(
  { verdict, policy }: { readonly verdict: Verdict; readonly policy: Policy | null },
  asked: Asked,
): Promise<void> {
  if (verdict.kind === 'refused') {
    refuse(verdict.why, asked);
    return;
  }
  const zfs = findZfs(policy);
  if (zfs === null) return;
  if (verdict.token !== null && !isThere(zfs, verdict.token)) {
    // In zfs's own words: it would say so too, if it did not look further for the guid.
    refuse(`cannot resume send: '${verdict.token.toName}' used in the initial send no longer exists`, asked);
  } else if (verdict.receive === null) endAs(await runZfs(zfs, verdict.words));
  else {
    const refuseStream = (why: string): void => {
      refuse(why, asked);
    };
    await receiveJudged({ zfs, words: verdict.words, receive: verdict.receive, refuse: refuseStream });
  }
}

async function readPolicy(file: string): Promise<Policy | Error> {
  try {
    const open = await othersCanChange(file);
    if (open !== null) throw new Error(`others than root can change ${open}`);
    return parsePolicy(readFileSync(file, 'utf8'));
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/**
 * `zfs send -t` looks for the guid below the named dataset first, and where it is not there in the whole pool: a token with a
 * name of ours and the guid of something else would send that (libzfs_sendrecv.c, guid_to_name).
 */
function isThere(zfs: string, { toName, toGuid }: ResumeTokenFields): boolean {
  const asked = askZfs(zfs, ['get', '-Hpo', 'value', 'guid', toName]);
  return asked.status === 0 && asked.stdout.trim() === toGuid.toString();
}

function refuse(why: string, asked: Asked): void {
  process.exitCode = refusedCode;
  writeSync(2, refusalLine(why));
  const [logger, ...words] = auditArgv(why, asked);
  const logged = spawnSync(logger, words, { env: environment, stdio: 'ignore', timeout: 5000 });
  if (logged.status !== 0)
    writeSync(
      2,
      `roamhome-gate: the server's system log does not know of it: ${logged.error?.message ?? `logger ended with ${String(logged.status)}`}\n`,
    );
}

const [first = '', ...rest] = process.argv.slice(2);
// The system puts the path of the program between its first line's words and the caller's.
void (first === behindShell ? runBehindShell(rest.slice(1)) : runForced(first));
