import { setTimeout as delay } from 'node:timers/promises';
import { RoamhomeError } from '../errors/errors.ts';
import { valuesOf, type DirectoryConnection } from './connection.ts';
import type { DirectorySettings } from './settings.ts';

/**
 * Where the number of the next user is kept: an entry of the classes that every LDAP server knows. What makes a number
 * one admin's alone is that the old value is deleted and the new one added in one modification, which fails for whoever
 * comes second (docs/adr: uid numbers).
 */
function counterDn({ usersDn }: Pick<DirectorySettings, 'usersDn'>): string {
  return `cn=roamhome-next-uid,${usersDn}`;
}

/** As many admins at once as that may be in each other's way before it is said that something is wrong. */
const tries = 200;

/**
 * Takes the next number that nobody has: it is not given to anybody else by Roamhome, whatever becomes of this run. A
 * number that is taken and not used is left out. Throws `directory-taken` when the range is used up.
 */
export async function takeNumber(
  directory: DirectoryConnection,
  settings: DirectorySettings,
  signal: AbortSignal,
): Promise<number> {
  const dn = counterDn(settings);
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const stored = await readCounter(directory, settings);
    const next = await freeNumber(directory, settings, stored);
    const outcome =
      stored === null
        ? await directory.apply({
            kind: 'add',
            dn,
            attributes: {
              objectClass: ['top', 'device'],
              cn: ['roamhome-next-uid'],
              serialNumber: [String(next + 1)],
              description: ['serialNumber is the uid number of the next user that Roamhome adds'],
            },
          })
        : await directory.apply({
            kind: 'modify',
            dn,
            steps: [
              { operation: 'delete', attribute: 'serialNumber', values: [String(stored)] },
              { operation: 'add', attribute: 'serialNumber', values: [String(next + 1)] },
            ],
          });
    if (outcome === 'done') return next;
    // Others would meet again at the same moment.
    await delay(Math.random() * 20 * Math.min(attempt, 10), undefined, { signal });
  }
  throw new RoamhomeError({
    code: 'directory-failed',
    message: `no uid number was to be had in ${tries} tries: ${dn} changes each time`,
    remedy: 'Run it again; if it stays so, look at who writes to that entry.',
    retryable: true,
  });
}

/** The number that takeNumber would take now. Changes nothing. */
export async function nextNumber(
  directory: DirectoryConnection,
  settings: DirectorySettings,
): Promise<number> {
  return freeNumber(directory, settings, await readCounter(directory, settings));
}

async function freeNumber(
  directory: DirectoryConnection,
  settings: DirectorySettings,
  stored: number | null,
): Promise<number> {
  const { uidMin, uidMax } = settings;
  const from = stored ?? (await firstNumber(directory, settings));
  for (let first = Math.max(from, uidMin); first <= uidMax; first += window) {
    const candidates = Array.from({ length: Math.min(window, uidMax - first + 1) }, (_, i) => first + i);
    const taken = await takenOf(directory, settings, candidates);
    const free = candidates.find((number) => !taken.has(number));
    if (free !== undefined) return free;
  }
  throw new RoamhomeError({
    code: 'directory-taken',
    message: `the uid numbers from ${uidMin} to ${uidMax} are used up`,
    remedy: `Raise directory.uidMax, or set the serialNumber of ${counterDn(settings)} to a number from which some are free.`,
  });
}

/** Numbers asked for at once. */
const window = 20;

async function takenOf(
  directory: DirectoryConnection,
  { baseDn }: DirectorySettings,
  numbers: readonly number[],
): Promise<ReadonlySet<number>> {
  const any = numbers.map((number) => `(uidNumber=${number})`).join('');
  const entries = await directory.search({
    base: baseDn,
    scope: 'tree',
    filter: `(|${any})`,
    attributes: ['uidNumber'],
  });
  return new Set(entries.flatMap((entry) => valuesOf(entry, 'uidNumber').map(Number)));
}

/** Whose a number is: their DNs. */
export async function holdersOf(
  directory: DirectoryConnection,
  { baseDn }: DirectorySettings,
  uidNumber: number,
): Promise<readonly string[]> {
  const filter = `(uidNumber=${uidNumber})`;
  const entries = await directory.search({ base: baseDn, scope: 'tree', filter, attributes: ['uid'] });
  return entries.map(({ dn }) => dn);
}

async function readCounter(
  directory: DirectoryConnection,
  settings: DirectorySettings,
): Promise<number | null> {
  const dn = counterDn(settings);
  const [entry] = await directory.search({
    base: dn,
    scope: 'entry',
    filter: '(objectClass=*)',
    attributes: ['serialNumber'],
  });
  if (entry === undefined) return null;
  const values = valuesOf(entry, 'serialNumber');
  if (values.length === 1 && /^\d{1,10}$/.test(values[0] ?? '')) return Number(values[0]);
  throw new RoamhomeError({
    code: 'directory-failed',
    message: `the serialNumber of ${dn} is ${values.length === 0 ? 'not there' : values.join(', ')}, and is to be the next uid number`,
    remedy: 'Set it to one number above all that users have, or delete the entry: then it is made anew.',
  });
}

/** Where there is no counter yet: above all that users have, so that nobody gets the files of one who has gone. */
async function firstNumber(
  directory: DirectoryConnection,
  { baseDn, uidMin, uidMax }: DirectorySettings,
): Promise<number> {
  const entries = await directory.search({
    base: baseDn,
    scope: 'tree',
    filter: '(objectClass=posixAccount)',
    attributes: ['uidNumber'],
  });
  const numbers = entries.flatMap((entry) => valuesOf(entry, 'uidNumber').map(Number));
  return numbers
    .filter((number) => number >= uidMin && number <= uidMax)
    .reduce((highest, number) => Math.max(highest, number + 1), uidMin);
}
