import { usageError, ZfsFailure } from '../failure.ts';
import { datasetsAtOrBelow, openDataset, type Call } from '../machine.ts';
import { parentOf, type Dataset, type Delegation } from '../model.ts';
import { nativeProperties } from '../native-properties.ts';
import { parseWords, type Words } from '../options.ts';

const permissions: ReadonlySet<string> = new Set([
  'allow',
  'bookmark',
  'clone',
  'create',
  'destroy',
  'diff',
  'hold',
  'mount',
  'promote',
  'receive',
  'receive:append',
  'release',
  'rename',
  'rollback',
  'send',
  'send:raw',
  'snapshot',
  'userprop',
]);

function checkPermissions(text: string): readonly string[] {
  const words = text.split(',');
  for (const word of words) {
    if (!permissions.has(word) && !nativeProperties.has(word)) {
      throw new ZfsFailure(`invalid permission '${word}'`, 2);
    }
  }
  return words;
}

interface Change {
  readonly whos: readonly string[];
  readonly words: readonly string[] | null;
  readonly dataset: Dataset;
}

/** -e, or a list of users first: then the permissions, which an unallow may leave out, and the dataset. */
function changeOf(call: Call, options: Words, command: string): Change {
  const rest = [...options.rest];
  const name = rest.pop();
  const whos = options.has('e')
    ? ['everyone']
    : (rest
        .shift()
        ?.split(',')
        .map((user) => `user ${user}`) ?? []);
  const [text] = rest;
  if (name === undefined || whos.length === 0 || (text === undefined && command === 'allow')) {
    throw usageError('missing arguments', command);
  }
  const dataset = openDataset(call.machine, name);
  if (call.user !== 'root') throw new ZfsFailure(`cannot set permissions on '${name}': permission denied`);
  return { whos, words: text === undefined ? null : checkPermissions(text), dataset };
}

/** The sets of a delegation that -l and -d choose; without them both. */
function chosenSets(given: Delegation, options: Words): readonly Set<string>[] {
  const both = options.has('l') === options.has('d');
  return [
    ...(both || options.has('l') ? [given.local] : []),
    ...(both || options.has('d') ? [given.descendent] : []),
  ];
}

/** zfs allow FILESYSTEM | [-ld] [-u USERS | -e | USERS] PERMISSIONS FILESYSTEM */
export function allow(call: Call, words: readonly string[]): number {
  const options = parseWords('allow', words, 'lduec');
  if (options.rest.length === 1) return show(call, options.rest[0] ?? '');
  const { whos, words: given, dataset } = changeOf(call, options, 'allow');
  for (const who of whos) {
    const delegation = dataset.delegations.get(who) ?? { local: new Set(), descendent: new Set() };
    dataset.delegations.set(who, delegation);
    for (const set of chosenSets(delegation, options)) for (const word of given ?? []) set.add(word);
  }
  return 0;
}

/** zfs unallow [-rld] [-u USERS | -e | USERS] [PERMISSIONS] FILESYSTEM */
export function unallow(call: Call, words: readonly string[]): number {
  const options = parseWords('unallow', words, 'rldue');
  const { whos, words: taken, dataset } = changeOf(call, options, 'unallow');
  const concerned = options.has('r') ? datasetsAtOrBelow(call.machine, dataset.name) : [dataset];
  for (const { delegations } of concerned)
    for (const who of whos) {
      const delegation = delegations.get(who);
      if (delegation === undefined) continue;
      for (const set of chosenSets(delegation, options)) {
        if (taken === null) set.clear();
        else for (const word of taken) set.delete(word);
      }
      if (delegation.local.size + delegation.descendent.size === 0) delegations.delete(who);
    }
  return 0;
}

/** What was given on the dataset, then on each one above it. */
function show(call: Call, name: string): number {
  for (let at: string | null = name; at !== null; at = parentOf(at))
    showOne(call, openDataset(call.machine, at));
  return 0;
}

function showOne(call: Call, dataset: Dataset): void {
  const { name } = dataset;
  if (dataset.delegations.size === 0) return;
  call.out(`---- Permissions on ${name} ${'-'.repeat(Math.max(0, 49 - name.length))}\n`);
  const groups = [
    [
      'Local permissions',
      ({ local, descendent }: Delegation) => [...local].filter((word) => !descendent.has(word)),
    ],
    [
      'Descendent permissions',
      ({ local, descendent }: Delegation) => [...descendent].filter((word) => !local.has(word)),
    ],
    [
      'Local+Descendent permissions',
      ({ local, descendent }: Delegation) => [...local].filter((word) => descendent.has(word)),
    ],
  ] as const;
  for (const [title, chosen] of groups) {
    const lines = [...dataset.delegations].flatMap(([who, given]) => {
      const words = chosen(given).sort();
      return words.length === 0 ? [] : [`\t${who} ${words.join(',')}\n`];
    });
    if (lines.length > 0) call.out(`${title}:\n${lines.join('')}`);
  }
}
