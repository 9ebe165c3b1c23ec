import { isSecretName } from '../log/redact.ts';
import { isSection, leaves, settings, type Leaf, type Node } from './leaves.ts';
import { show, type ConfigMistake } from './mistakes.ts';
import { suggest } from './suggest.ts';

/** What one source says: valid values by dotted key, and what is wrong with the rest. */
export interface Layer {
  readonly source: string;
  readonly values: ReadonlyMap<string, unknown>;
  readonly mistakes: readonly ConfigMistake[];
}

/** A key that does not exist, with the nearest one of the same section, or of the whole schema. `at`: the key in the section. */
export function unknownKey(
  source: string,
  key: string,
  { at, section, prefix }: { at: string; section: ReadonlyMap<string, Node>; prefix: string },
): ConfigMistake {
  const inSection = suggest(at, section.keys());
  const near =
    inSection === null
      ? ([...leaves.keys()].find((dotted) => dotted.endsWith(`.${at}`)) ?? null)
      : prefix + inSection;
  const allowed =
    near === null
      ? `a known setting: ${[...section.keys()].map((known) => prefix + known).join(', ')}`
      : `a known setting (did you mean ${near}?)`;
  return { source, key, found: 'an unknown key', allowed, unknown: { near } };
}

/** Null when the setting takes the value; else what is wrong. */
export function checkValue(source: string, key: string, leaf: Leaf, value: unknown): ConfigMistake | null {
  return leaf.schema.safeParse(value).success
    ? null
    : {
        source,
        key,
        found: isSecretName(key) ? 'a value that is not shown' : show(value),
        allowed: leaf.allowed,
      };
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
        mistakes.push(unknownKey(source, dotted, { at: key, section, prefix }));
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
