import { RoamhomeError } from '../../errors/errors.ts';
import { localTime } from '../../format/time.ts';
import type { Conflict } from './conflict.ts';
import type { Findings } from '../report.ts';

/** Tells that the work on this Mac did not become the home's next version, and where it is. */
export function tellConflict(conflict: Conflict | null, findings: Findings): void {
  if (conflict === null) return;
  if (conflict.kind === 'own-partial') {
    findings.problem(notOnItsLineYet(conflict));
    if (conflict.branchProblem !== null) findings.problem(conflict.branchProblem);
    return;
  }
  findings.warn(describeConflict(conflict), conflictForUser(conflict));
  for (const problem of [conflict.branchProblem, conflict.setAsideProblem])
    if (problem !== null) findings.problem(problem);
}

/** Nobody worked on two Macs: the work is safe, and goes onto the home's line by itself. */
function notOnItsLineYet({ evidence, branch, since, cure }: Conflict): RoamhomeError {
  const where = branch === null ? 'on this Mac alone' : `on the server too, as ${branch}`;
  return new RoamhomeError({
    code: 'server-blocked',
    message: `the server cannot take the home now: ${evidence}. What was made on this Mac since ${localTime(since * 1000)} is ${where}`,
    remedy: cure ?? 'Run `roamhome push --pending` later: it sends the home.',
    retryable: true,
  });
}

/** A conflict in words for the person at the Mac. Pure. */
function describeConflict({ kind, since, branch, setAside, setAsideProblem, evidence }: Conflict): string {
  const work = `what was made on this Mac since ${localTime(since * 1000)}`;
  const there = branch === null ? '' : `on the server as ${branch}`;
  if (setAside !== null) {
    const also = there === '' ? '; it could not be sent to the server yet' : `, and ${there}`;
    return `the server's home has moved on, and is the home now; ${work} is kept: here as ${setAside}${also}. \`roamhome conflicts list\` shows it`;
  }
  const where = there === '' ? 'kept on this Mac' : `kept ${there}`;
  if (setAsideProblem !== null)
    return `the server's home has moved on, but cannot be the home here: ${work} stays the home, and is ${where}`;
  return kind === 'server-blocked'
    ? `the server cannot take the home now (${evidence}): ${work} is ${where} until it can`
    : `the server's home has moved on: ${work} is ${where}, and set aside at the next login on this Mac`;
}

/** The same for the user. Pure. */
function conflictForUser({ kind, since, branch, setAside }: Conflict): string {
  const work = `What you made on this computer since ${localTime(since * 1000)}`;
  // Nobody need have worked anywhere else.
  if (kind === 'server-blocked')
    return `${work} cannot go into your home on the server now. It is kept ${branch === null ? 'on this computer' : 'beside it'}. Nothing is lost. Ask your admin for it.`;
  return setAside === null
    ? `You worked on two computers at once. ${work} is kept separately. Nothing is lost. Ask your admin for it.`
    : `You worked on two computers at once. You now see the newer home. ${work} is kept separately. Nothing is lost. Ask your admin for it.`;
}
