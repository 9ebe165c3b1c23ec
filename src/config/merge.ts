import { readLayer, type Layer } from './layer.ts';
import { isSection, leaves, settings, type Node } from './leaves.ts';
import type { ConfigMistake } from './mistakes.ts';
import { configSchema, type Config } from './schema.ts';

/** The effective configuration, and what is wrong with the sources that it came from. */
export interface LoadedConfig {
  readonly config: Config;
  /** For each dotted key that has a value the source that it came from. */
  readonly origins: ReadonlyMap<string, string>;
  /** Of every source, the weakest first. */
  readonly mistakes: readonly ConfigMistake[];
  /** The dotted keys whose strongest source has them wrong: another value stands in, which works.ts judges. */
  readonly replaced: ReadonlySet<string>;
}

/** What stands in for a wrong value where the default would let somebody or something in. */
const cautious: Readonly<Record<string, unknown>> = {
  'policies.loggedInElsewhere': 'deny',
  'policies.createOnServer': false,
};

function build(
  section: ReadonlyMap<string, Node>,
  values: ReadonlyMap<string, unknown>,
  prefix: string,
): object {
  const entries: [string, unknown][] = [];
  for (const [key, node] of section) {
    const dotted = prefix + key;
    if (isSection(node)) entries.push([key, build(node, values, `${dotted}.`)]);
    else if (values.has(dotted)) entries.push([key, values.get(dotted)]);
  }
  return Object.fromEntries(entries);
}

/** True when a mistake keeps a setting from having the value that its source meant. Pure. */
export function concerns({ key, unknown }: ConfigMistake, dotted: string): boolean {
  if (unknown !== undefined) return false;
  return key === null || key === dotted || dotted.startsWith(`${key}.`);
}

/**
 * Lays the layers, lowest first, over the defaults. A wrong value counts as not written: the next source, or the default,
 * stands in for that setting alone. Pure; throws nothing.
 */
export function mergeLayers(defaults: Config, layers: readonly Layer[]): LoadedConfig {
  const values = new Map<string, unknown>();
  const origins = new Map<string, string>();
  const replaced = new Set<string>();
  for (const layer of [readLayer('default', defaults), ...layers]) {
    for (const mistake of layer.mistakes)
      for (const dotted of leaves.keys()) if (concerns(mistake, dotted)) replaced.add(dotted);
    for (const [key, value] of layer.values) {
      values.set(key, value);
      origins.set(key, layer.source);
      replaced.delete(key);
    }
  }
  for (const [key, value] of Object.entries(cautious)) {
    if (!replaced.has(key)) continue;
    values.set(key, value);
    origins.set(key, 'default');
  }
  return {
    config: configSchema.parse(build(settings, values, '')),
    ...{ origins, replaced, mistakes: layers.flatMap(({ mistakes }) => mistakes) },
  };
}

/** The effective value of a dotted key; undefined when the setting is absent or unknown. */
export function valueAt(config: Config, key: string): unknown {
  if (!leaves.has(key)) return undefined;
  let value: unknown = config;
  for (const part of key.split('.')) value = (value as Readonly<Record<string, unknown>>)[part];
  return value;
}
