import { demand } from '../delegation.ts';
import { usageError, ZfsFailure } from '../failure.ts';
import { addDataset, type Call } from '../machine.ts';
import { mountAutomatically } from '../mounting.ts';
import { parentOf } from '../model.ts';
import { checkName, checkParent } from '../names.ts';
import { parseWords } from '../options.ts';
import { checkProperty, parseAssignments } from '../properties.ts';

/** zfs create [-pu] [-o property=value]... FILESYSTEM */
export function create(call: Call, words: readonly string[]): number {
  const options = parseWords('create', words, 'puo:');
  const [name] = options.rest;
  if (name === undefined) throw usageError('missing filesystem argument', 'create');
  const what = `cannot create '${name}'`;
  checkName(what, name);
  if (name.includes('@')) throw new ZfsFailure(`${what}: snapshot delimiter '@' is not expected here`);
  if (call.machine.datasets.has(name)) {
    if (options.has('p')) return 0;
    throw new ZfsFailure(`${what}: dataset already exists`);
  }
  const assignments = [...parseAssignments(options.all('o'))].map(
    ([property, value]) => [property, checkProperty(what, property, value)] as const,
  );
  if (options.has('p')) createAncestors(call, name);
  checkParent(call.machine, what, name);
  demand(call, what, parentOf(name) ?? name, 'create', 'mount');
  const dataset = addDataset(call.machine, name);
  for (const [property, value] of assignments) dataset.properties.set(property, { value, source: 'local' });
  if (!options.has('u')) mountAutomatically(call, dataset);
  return 0;
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
