import { usageError, ZfsFailure } from '../failure.ts';
import { nextTxg, openDataset, type Call, type Machine } from '../machine.ts';
import { nativeValue } from '../mounting.ts';
import { datasetsAtOrBelow } from '../machine.ts';
import { parseAssignments } from '../properties.ts';
import { parseWords } from '../options.ts';

/** What is in the file that a keylocation names; null: there is none. */
export function secretAt(machine: Machine, keylocation: string): string | null {
  return machine.keyFiles.get(keylocation.replace(/^file:\/\//, '')) ?? null;
}

/** True when the command reads the key from its input. */
export function isPrompted({ machine }: Call, words: readonly string[]): boolean {
  const dataset = machine.datasets.get(words.at(-1) ?? '');
  return (
    dataset?.key !== null &&
    dataset?.key !== undefined &&
    nativeValue(machine, dataset, 'keylocation') === 'prompt'
  );
}

/** zfs load-key [-n] FILESYSTEM ; `typed`: what was read, null: nothing. */
export function loadKey(call: Call, words: readonly string[], typed: string | null): void {
  const options = parseWords('load-key', words, 'nL:');
  const [name] = options.rest;
  if (name === undefined) throw usageError('missing filesystem argument', 'load-key');
  const dataset = openDataset(call.machine, name);
  const refuse = (why: string): ZfsFailure => new ZfsFailure(`Key load error: ${why}`, 255);
  if (dataset.encryptionRoot === null) throw refuse(`'${name}' is not encrypted.`);
  const { key } = dataset;
  if (key === null)
    throw refuse(`Keys must be loaded for encryption root of '${name}' (${dataset.encryptionRoot.name}).`);
  if (key.loaded && !options.has('n')) throw refuse(`Key already loaded for '${name}'.`);
  const secret = typed ?? secretAt(call.machine, nativeValue(call.machine, dataset, 'keylocation'));
  if (secret === null) throw refuse('Failed to open key material file: No such file or directory');
  if (secret !== key.secret) throw refuse(`Incorrect key provided for '${name}'.`);
  if (options.has('n')) call.out('1 / 1 key(s) successfully verified\n');
  else key.loaded = true;
}

/** zfs unload-key FILESYSTEM */
export function unloadKey(call: Call, words: readonly string[]): number {
  const { rest } = parseWords('unload-key', words, '');
  const [name] = rest;
  if (name === undefined) throw usageError('missing filesystem argument', 'unload-key');
  const dataset = openDataset(call.machine, name);
  const refuse = (why: string): ZfsFailure => new ZfsFailure(`Key unload error: ${why}`, 255);
  if (dataset.key === null) throw refuse(`'${name}' is not encrypted.`);
  if (!dataset.key.loaded) throw refuse(`Key already unloaded for '${name}'.`);
  const isMounted = datasetsAtOrBelow(call.machine, name).some(
    (each) => each.encryptionRoot === dataset && each.mounted !== null,
  );
  if (isMounted) throw refuse(`'${name}' is busy.`);
  dataset.key.loaded = false;
  return 0;
}

/** zfs change-key -o keyformat=FORMAT -o keylocation=PLACE FILESYSTEM : from a file alone, for one that is no root or is. */
export function changeKey(call: Call, words: readonly string[]): number {
  const options = parseWords('change-key', words, 'lio:');
  const [name] = options.rest;
  if (name === undefined) throw usageError('missing filesystem argument', 'change-key');
  const { machine } = call;
  const dataset = openDataset(machine, name);
  const refuse = (why: string): ZfsFailure => new ZfsFailure(`Key change error: ${why}`, 255);
  const { encryptionRoot: root } = dataset;
  const key = root?.key ?? null;
  if (root === null || key === null) throw refuse('Dataset not encrypted.');
  if (!key.loaded) throw refuse('Key must be loaded.');
  const given = new Map(parseAssignments(options.all('o')));
  const keyformat = given.get('keyformat') ?? (root === dataset ? key.keyformat : undefined);
  if (keyformat === undefined) throw refuse('Keyformat must be specified for new encryption root.');
  const place = given.get('keylocation') ?? 'prompt';
  const secret = secretAt(machine, place);
  if (secret === null) throw refuse('Failed to open key material file: No such file or directory');
  dataset.key = { cipher: key.cipher, keyformat, secret, loaded: true };
  dataset.properties.set('keylocation', { value: place, source: 'local' });
  for (const each of datasetsAtOrBelow(machine, name))
    if (each.encryptionRoot === root) each.encryptionRoot = dataset;
  nextTxg(machine, name);
  return 0;
}
