import { demand } from '../delegation.ts';
import { usageError, ZfsFailure } from '../failure.ts';
import { addDataset, type Call, type Machine } from '../machine.ts';
import { isOverLimit } from '../limits.ts';
import { mountAutomatically } from '../mounting.ts';
import { parentOf, type Key } from '../model.ts';
import { checkName, checkParent } from '../names.ts';
import { parseWords } from '../options.ts';
import { checkProperty, isOf, parseAssignments } from '../properties.ts';
import { isFull, parseSize } from '../space.ts';
import { secretAt } from './keys.ts';

/** zfs create [-pu] [-s] [-V SIZE] [-o property=value]... FILESYSTEM|VOLUME */
export function create(call: Call, words: readonly string[]): number {
  makeDataset(call, words, null);
  return 0;
}

/** True when the dataset is to be an encryption root, whose key is read from the command's input. */
export function readsKey(words: readonly string[]): boolean {
  return (
    words.some((word) => word.startsWith('keyformat=')) &&
    !words.some((word) => word.startsWith('keylocation=file:'))
  );
}

/** The same with the key that was read; null: none was. */
export function makeDataset(call: Call, words: readonly string[], secret: string | null): void {
  const options = parseWords('create', words, 'puso:V:b:');
  const [name] = options.rest;
  if (name === undefined) throw usageError('missing filesystem argument', 'create');
  const what = `cannot create '${name}'`;
  checkName(what, name);
  if (name.includes('@')) throw new ZfsFailure(`${what}: snapshot delimiter '@' is not expected here`);
  if (call.machine.datasets.has(name)) {
    if (options.has('p')) return;
    throw new ZfsFailure(`${what}: dataset already exists`);
  }
  const size = options.last('V');
  const volsize = size === undefined ? null : parseSize(size);
  if (size !== undefined && volsize === null)
    throw new ZfsFailure(`bad volume size '${size}': bad numeric value '${size}'`);
  const given = new Map(parseAssignments(options.all('o')));
  const key = keyFrom(call.machine, what, given, secret);
  const assignments = [...given].map(([property, value]) => {
    if (!isOf({ volsize }, property))
      throw new ZfsFailure(`${what}: '${property}' does not apply to datasets of this type`);
    return [property, checkProperty(what, property, value)] as const;
  });
  if (options.has('p')) createAncestors(call, name);
  checkParent(call.machine, what, name);
  demand(call, what, parentOf(name) ?? name, 'create', 'mount');
  if (isFull(call.machine, name) || isOverLimit(call, parentOf(name) ?? name, 'filesystem'))
    throw new ZfsFailure(`${what}: out of space`);
  const dataset = addDataset(call.machine, name, volsize);
  if (volsize !== null && !options.has('s'))
    dataset.properties.set('refreservation', { value: String(volsize), source: 'local' });
  if (key !== null) {
    dataset.key = key;
    dataset.encryptionRoot = dataset;
    dataset.properties.set('keylocation', { value: 'prompt', source: 'local' });
  }
  for (const [property, value] of assignments) dataset.properties.set(property, { value, source: 'local' });
  if (!options.has('u')) mountAutomatically(call, dataset);
}

/** Takes the words about encryption out of the properties; null: the dataset is no encryption root. */
function keyFrom(
  machine: Machine,
  what: string,
  given: Map<string, string>,
  secret: string | null,
): Key | null {
  const [cipher, keyformat] = [given.get('encryption'), given.get('keyformat')];
  given.delete('encryption');
  given.delete('keyformat');
  if (cipher === undefined || cipher === 'off') return null;
  if (keyformat === undefined) throw new ZfsFailure(`${what}: Keyformat required for new encryption root.`);
  const read = secret ?? secretAt(machine, given.get('keylocation') ?? 'prompt');
  if (read === null)
    throw new ZfsFailure(`${what}: Failed to open key material file: No such file or directory`);
  return { cipher: cipher === 'on' ? 'aes-256-gcm' : cipher, keyformat, secret: read, loaded: true };
}

function createAncestors(call: Call, name: string): void {
  const missing: string[] = [];
  for (let at = parentOf(name); at !== null && !call.machine.datasets.has(at); at = parentOf(at))
    missing.unshift(at);
  for (const each of missing) {
    checkParent(call.machine, `cannot create '${name}'`, each);
    demand(call, `cannot create '${each}'`, parentOf(each) ?? each, 'create', 'mount');
    mountAutomatically(call, addDataset(call.machine, each));
  }
}
