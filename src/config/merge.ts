import { readLayer, type Layer } from './layer.ts';
import { isSection, leaves, settings, type Node } from './leaves.ts';
import { ConfigInvalidError } from './mistakes.ts';
import { configSchema, type Config } from './schema.ts';

/** The effective configuration, and for each dotted key that has a value the source that it came from. */
export interface LoadedConfig {
  readonly config: Config;
  readonly origins: ReadonlyMap<string, string>;
}

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

/** Lays the layers, lowest first, over the defaults. Throws `config-invalid` with the mistakes of all of them. */
export function mergeLayers(defaults: Config, layers: readonly Layer[]): LoadedConfig {
  const mistakes = layers.flatMap((layer) => layer.mistakes);
  if (mistakes.length > 0) throw new ConfigInvalidError(mistakes);
  const values = new Map<string, unknown>();
  const origins = new Map<string, string>();
  for (const layer of [readLayer('default', defaults), ...layers]) {
    for (const [key, value] of layer.values) {
      values.set(key, value);
      origins.set(key, layer.source);
    }
  }
  return { config: configSchema.parse(build(settings, values, '')), origins };
}

/** The effective value of a dotted key; undefined when the setting is absent or unknown. */
export function valueAt(config: Config, key: string): unknown {
  if (!leaves.has(key)) return undefined;
  let value: unknown = config;
  for (const part of key.split('.')) value = (value as Readonly<Record<string, unknown>>)[part];
  return value;
}
