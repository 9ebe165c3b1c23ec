import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeSync } from 'node:fs';
import { othersCanChange } from '../host/others-can-change.ts';
import type { ResumeTokenFields } from '../zfs/resume-token.ts';
import { judge } from './judge.ts';
import { parsePolicy, type Policy } from './policy.ts';
import { receiveJudged } from './receive.ts';
import { auditArgv, refusalLine } from './refusal.ts';
import { askZfs, endAs, environment, runZfs } from './zfs-process.ts';

// sshd runs this for each command of a Mac, as the account of the homes: `node gate.js /etc/roamhome/keys/MAC.json`. What is
// legal goes to zfs with this process's own stdin, stdout and stderr; only of a stream to be received is the head read first.

/** Debian and FreeBSD, those whose /sbin is apart, what was built by hand, OpenZFS on OS X, illumos. */
const zfsPlaces = ['/usr/sbin', '/sbin', '/usr/local/sbin', '/usr/local/zfs/bin', '/usr/bin'];

/** Exit code of a shell that may not run what it was asked to. */
const refusedCode = 126;

async function run(policyFile: string): Promise<void> {
  const line = process.env['SSH_ORIGINAL_COMMAND'] ?? '';
  const policy = await readPolicy(policyFile);
  if (policy instanceof Error) {
    refuse(`the policy ${policyFile} cannot be used: ${policy.message}`, line, null);
    return;
  }
  const verdict = judge(line, policy);
  if (verdict.kind === 'refused') {
    refuse(verdict.why, line, policy);
    return;
  }
  const zfs = policy.zfs ?? zfsPlaces.map((place) => `${place}/zfs`).find((path) => existsSync(path));
  if (zfs === undefined) {
    writeSync(2, `zfs: not found in ${zfsPlaces.join(', ')}\n`);
    process.exitCode = 127;
  } else if (verdict.token !== null && !isThere(zfs, verdict.token)) {
    // In zfs's own words: it would say so too, if it did not look further for the guid.
    refuse(
      `cannot resume send: '${verdict.token.toName}' used in the initial send no longer exists`,
      line,
      policy,
    );
  } else if (verdict.receive === null) endAs(await runZfs(zfs, verdict.words));
  else {
    const refuseStream = (why: string): void => {
      refuse(why, line, policy);
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

function refuse(why: string, line: string, policy: Policy | null): void {
  process.exitCode = refusedCode;
  writeSync(2, refusalLine(why));
  const from = process.env['SSH_CONNECTION']?.split(' ', 1)[0] ?? 'an unknown place';
  const [logger, ...words] = auditArgv(why, { line, mac: policy?.mac ?? null, from });
  const logged = spawnSync(logger, words, { env: environment, stdio: 'ignore', timeout: 5000 });
  if (logged.status !== 0)
    writeSync(
      2,
      `roamhome-gate: the server's system log does not know of it: ${logged.error?.message ?? `logger ended with ${String(logged.status)}`}\n`,
    );
}

void run(process.argv[2] ?? '');
