import { judge } from '../../../src/gate/judge.ts';
import type { Policy } from '../../../src/gate/policy.ts';
import type { Argv, Host } from '../../../src/host/host.ts';
import { remoteCommand } from '../../../src/host/remote-words.ts';
import { parseDatasetName } from '../../../src/zfs/names.ts';
import { lshellRefusal } from './lshell.ts';

/** What a restriction would have refused, until somebody looks: the code under test may have caught the error. */
const violations: string[] = [];

/** What was refused since the last call. */
export function takeViolations(): readonly string[] {
  return violations.splice(0);
}

/** The policy of a Mac's key, as it is set up when nobody asks for less. */
export function policyOf(mac: string): Policy {
  return {
    mac,
    homes: parseDatasetName('data/profiles'),
    conflicts: parseDatasetName('data/profiles-conflicts'),
    users: ['*'],
    mode: 'append',
  };
}

/** What was said of each line, by policy: thousands of histories send the same few, and a verdict depends on nothing else. */
const verdicts = new Map<string, Map<string, string | null>>();

function whyRefused(line: string, policy: Policy): string | null {
  const key = JSON.stringify(policy);
  const known = verdicts.get(key) ?? new Map<string, string | null>();
  verdicts.set(key, known);
  const found = known.get(line);
  if (found !== undefined) return found;
  const refusal = lshellRefusal(line);
  const verdict = judge(line, policy);
  const why = refusal?.stderr ?? (verdict.kind === 'refused' ? `the gate: ${verdict.why}` : null);
  known.set(line, why);
  return why;
}

/** The gate of a simulated SSH server; what it refuses fails the test. */
export function refusedBy(policy: Policy): (line: string) => string | null {
  return (line) => {
    const why = whyRefused(line, policy);
    if (why !== null) violations.push(`${line}: ${why}`);
    return why;
  };
}

/** Throws unless a command that a Mac is about to run on the server passes lshell and the gate. */
export function checkRemote(argv: Argv, policy: Policy): void {
  const line = remoteCommand(argv);
  const why = whyRefused(line, policy);
  if (why === null) return;
  violations.push(`${line}: ${why}`);
  throw new Error(`a server would refuse ${line}: ${why}`);
}

/** The server as a Mac sees it: each command has to pass both restrictions at the moment when it is issued. */
export function restricted<Some extends Host>(server: Some, mac: string): Some {
  const policy = policyOf(mac);
  return {
    ...server,
    run: async (argv, options) => {
      checkRemote(argv, policy);
      return server.run(argv, options);
    },
    stream: async (argv, options) => {
      checkRemote(argv, policy);
      return server.stream(argv, options);
    },
  };
}
