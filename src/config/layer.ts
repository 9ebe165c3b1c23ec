import { isSection, leaves, settings, type Leaf, type Node } from './leaves.ts';
import { show, type ConfigMistake } from './mistakes.ts';
import { suggest } from './suggest.ts';

/** What one source says: valid values by dotted key, and what is wrong with the rest. */
export interface Layer {
  readonly source: string;
  readonly values: ReadonlyMap<string, unknown>;
  readonly mistakes: readonly ConfigMistake[];
}

/** What to say of a key that does not exist: the nearest one of the same section, or of the whole schema. */
export function describeUnknown(key: string, section: ReadonlyMap<string, Node>, prefix: string): string {
  const near = suggest(key, section.keys());
  if (near !== null) return `a known setting (did you mean ${prefix}${near}?)`;
  const elsewhere = [...leaves.keys()].find((dotted) => dotted.endsWith(`.${key}`));
  if (elsewhere !== undefined) return `a known setting (did you mean ${elsewhere}?)`;
  return `a known setting: ${[...section.keys()].map((known) => prefix + known).join(', ')}`;
}

/** Null when the setting takes the value; else what is wrong. */
export function checkValue(source: string, key: string, leaf: Leaf, value: unknown): ConfigMistake | null {
  return leaf.schema.safeParse(value).success
    ? null
    : { source, key, found: show(value), allowed: leaf.allowed };
}

function isTree(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Date) &&
    !(value instanceof Uint8Array)
  );
}

/** Reads a parsed file (nested objects) against the schema. Pure; collects every mistake. */
export function readLayer(source: string, content: unknown): Layer {
  const values = new Map<string, unknown>();
  const mistakes: ConfigMistake[] = [];

  const readSection = (section: ReadonlyMap<string, Node>, tree: unknown, prefix: string): void => {
    if (!isTree(tree)) {
      const key = prefix === '' ? null : prefix.slice(0, -1);
      mistakes.push({ source, key, found: show(tree), allowed: 'a group of settings' });
      return;
    }
    for (const [key, value] of Object.entries(tree)) {
      const dotted = prefix + key;
      const node = section.get(key);
      if (node === undefined) {
        const allowed = describeUnknown(key, section, prefix);
        mistakes.push({ source, key: dotted, found: 'an unknown key', allowed });
      } else if (isSection(node)) {
        readSection(node, value, `${dotted}.`);
      } else {
        const mistake = checkValue(source, dotted, node, value);
        if (mistake === null) values.set(dotted, value);
        else mistakes.push(mistake);
      }
    }
  };

  readSection(settings, content, '');
  return { source, values, mistakes };
}
