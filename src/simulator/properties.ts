import { ZfsFailure } from './failure.ts';
import type { Machine } from './machine.ts';
import { parentOf, type Dataset } from './model.ts';
import {
  isUserProperty,
  nativeProperties,
  readonlyProperties,
  valueAliases,
  volumeProperties,
} from './native-properties.ts';
import { niceBytes, parseSize } from './space.ts';

/** A property's value, and where it is from, in `zfs get`'s words. */
export interface Valued {
  readonly value: string;
  readonly source: string;
}

/** `none` and `legacy` are said as they are; anything else is a path. */
function inheritedMountpoint(machine: Machine, dataset: Dataset): Valued {
  for (let at: string | null = dataset.name; at !== null; at = parentOf(at)) {
    const found = machine.datasets.get(at)?.properties.get('mountpoint');
    if (found === undefined) continue;
    const below = dataset.name.slice(at.length);
    const value = found.value.startsWith('/') ? found.value.replace(/\/$/, '') + below : found.value;
    return { value, source: at === dataset.name ? found.source : `inherited from ${at}` };
  }
  return { value: `/${dataset.name}`, source: 'default' };
}

/** A settable native or user property as it holds for the dataset; null: a user property that nobody has set. */
export function effectiveProperty(machine: Machine, dataset: Dataset, name: string): Valued | null {
  if (name === 'mountpoint') return inheritedMountpoint(machine, dataset);
  const native = nativeProperties.get(name);
  const own = dataset.properties.get(name);
  if (name === 'readonly' && dataset.mounted?.readonly === true && own?.value !== 'on') {
    return { value: 'on', source: 'temporary' };
  }
  if (own !== undefined) return own;
  if (native?.inherited !== false) {
    for (let at = parentOf(dataset.name); at !== null; at = parentOf(at)) {
      const found = machine.datasets.get(at)?.properties.get(name);
      if (found !== undefined) return { value: found.value, source: `inherited from ${at}` };
    }
  }
  return native === undefined ? null : { value: native.default, source: 'default' };
}

/** True when datasets of this one's type have the property. */
export function isOf({ volsize }: Pick<Dataset, 'volsize'>, name: string): boolean {
  return volsize === null || isUserProperty(name) || volumeProperties.has(name);
}

/** As zfs shows it: sizes for people unless `-p`. */
export function shownValue(name: string, value: string, parsable: boolean): string {
  const native = nativeProperties.get(name);
  if (native?.values !== 'size' || parsable) return value;
  return value === '0' ? 'none' : niceBytes(Number(value));
}

/** Checks `name=value` and gives what is stored. Throws `WHAT: reason`. */
export function checkProperty(what: string, name: string, value: string): string {
  if (isUserProperty(name)) return value;
  const native = nativeProperties.get(name);
  if (native === undefined) {
    throw new ZfsFailure(
      readonlyProperties.includes(name)
        ? `${what}: '${name}' is readonly`
        : `${what}: invalid property '${name}'`,
    );
  }
  const known = valueAliases.get(`${name}=${value}`) ?? value;
  if (native.values === 'size') {
    const bytes = known === 'none' ? 0 : parseSize(known);
    if (bytes === null) throw new ZfsFailure(`${what}: bad numeric value '${value}'`);
    return String(bytes);
  }
  if (native.values === 'count') {
    if (known !== 'none' && !/^\d{1,18}$/.test(known))
      throw new ZfsFailure(`${what}: bad numeric value '${value}'`);
    return known;
  }
  if (native.values !== undefined && !native.values.includes(known)) {
    throw new ZfsFailure(`${what}: '${name}' must be one of '${native.values.join(' | ')}'`);
  }
  if (name === 'mountpoint' && !/^(\/|none$|legacy$)/.test(known)) {
    throw new ZfsFailure(`${what}: '${name}' must be an absolute path, 'none', or 'legacy'`);
  }
  return known;
}

/** Reads the values of `-o name=value` options. */
export function parseAssignments(words: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const word of words) {
    const at = word.indexOf('=');
    if (at <= 0) throw new ZfsFailure(`missing '=' for property=value argument`, 2);
    const name = word.slice(0, at);
    if (found.has(name)) throw new ZfsFailure(`property '${name}' specified multiple times`, 2);
    found.set(name, word.slice(at + 1));
  }
  return found;
}
