import { RoamhomeError } from '../errors/errors.ts';
import { accountDn, newAccount, numberTaken, type AccountRequest } from './account.ts';
import { toLdif, type DirectoryChange } from './change.ts';
import type { DirectoryConnection } from './connection.ts';
import { joinGroup } from './group.ts';
import { observeUser } from './observe-user.ts';
import type { DirectoryStep } from './plan-user.ts';
import type { DirectorySettings } from './settings.ts';
import { holdersOf, nextNumber, takeNumber } from './uid-numbers.ts';

/** What a step needs. */
export interface DirectoryPlace {
  readonly directory: DirectoryConnection;
  readonly settings: DirectorySettings;
  readonly signal: AbortSignal;
}

/** Does one step. What another admin did meanwhile, and would have been done, is no failure. */
export async function applyStep(place: DirectoryPlace, step: DirectoryStep): Promise<void> {
  switch (step.kind) {
    case 'change':
      return applyChange(place, step.change);
    case 'add-account':
      return addAccount(place, step.request, step.gidNumber);
    case 'join': {
      const { account } = await observeUser(place.directory, place.settings, step.user);
      if (account === null) throw vanished(step.user);
      return applyChange(place, joinGroup(step.group, account));
    }
  }
}

/** What a step would do, as LDIF. The number is the one that would be taken now. */
export async function describeStep(place: DirectoryPlace, step: DirectoryStep): Promise<readonly string[]> {
  const { settings, directory } = place;
  switch (step.kind) {
    case 'change':
      return toLdif(step.change);
    case 'add-account': {
      const uidNumber = step.request.uidNumber ?? (await nextNumber(directory, settings));
      return toLdif(accountChange(settings, step.request, { uidNumber, gidNumber: step.gidNumber }));
    }
    case 'join':
      return toLdif(joinGroup(step.group, { user: step.user, dn: accountDn(step.user, settings) }));
  }
}

async function applyChange({ directory }: DirectoryPlace, change: DirectoryChange): Promise<void> {
  const outcome = await directory.apply(change);
  const isDone =
    outcome === 'done' ||
    (outcome === 'exists' && change.kind !== 'rename') ||
    (outcome === 'missing' && change.kind === 'delete') ||
    (outcome === 'changed' && change.kind === 'modify');
  if (isDone) return;
  throw new RoamhomeError({
    code: 'directory-taken',
    message: `the directory changed meanwhile: it cannot ${change.kind} ${change.dn} (${outcome})`,
    remedy: 'Run this again: it looks anew.',
    retryable: true,
  });
}

function accountChange(
  settings: DirectorySettings,
  request: AccountRequest,
  ids: { readonly uidNumber: number; readonly gidNumber: number },
): DirectoryChange & { readonly kind: 'add' } {
  return {
    kind: 'add',
    dn: accountDn(request.user, settings),
    attributes: newAccount(request, ids, settings),
  };
}

/**
 * Adds the entry with a number that is nobody else's. Roamhome's own numbers are (takeNumber); one that was asked for, or
 * that another program gives away, may be given twice in the same moment. So it is looked at again once the entry is
 * there: of two that see each other both go back, and nobody has used the number yet.
 */
async function addAccount(place: DirectoryPlace, request: AccountRequest, gidNumber: number): Promise<void> {
  const { directory, settings, signal } = place;
  const { user } = request;
  for (;;) {
    const uidNumber = request.uidNumber ?? (await takeNumber(directory, settings, signal));
    const [holder] = await holdersOf(directory, settings, uidNumber);
    if (holder !== undefined) {
      if (request.uidNumber === null) continue;
      throw numberTaken(uidNumber, holder);
    }
    const add = accountChange(settings, request, { uidNumber, gidNumber });
    const outcome = await directory.apply(add);
    if (outcome === 'missing') throw vanished(settings.usersDn);
    if (outcome !== 'done') {
      throw new RoamhomeError({
        code: 'directory-taken',
        message: `somebody else added ${user} to the directory in this moment`,
        remedy: 'Run this again: it takes what is there.',
        retryable: true,
      });
    }
    const others = (await holdersOf(directory, settings, uidNumber)).filter((dn) => !isOwn(dn, user));
    if (others[0] === undefined) return;
    await directory.apply({ kind: 'delete', dn: add.dn });
    if (request.uidNumber !== null) throw numberTaken(uidNumber, others[0]);
  }
}

function isOwn(dn: string, user: string): boolean {
  return dn.toLowerCase().startsWith(`uid=${user.toLowerCase()},`);
}

function vanished(what: string): RoamhomeError {
  return new RoamhomeError({
    code: 'directory-taken',
    message: `${what} was taken out of the directory meanwhile`,
    remedy: 'Run this again: it looks anew.',
    retryable: true,
  });
}
