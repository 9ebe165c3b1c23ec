import { leaves } from './leaves.ts';
import { valueAt, type LoadedConfig } from './merge.ts';
import { cureOf, show, type ConfigMistake } from './mistakes.ts';

/** Each mistake as a warning: the setting, its value, the value in effect instead, and what cures it. Pure. */
export function tellMistakes(loaded: LoadedConfig): readonly string[] {
  return loaded.mistakes.map((mistake) => `${sayWrong(mistake, loaded)} ${cureOf([mistake])}`);
}

/** The same without the cure. Pure. */
export function sayWrong(mistake: ConfigMistake, loaded: LoadedConfig): string {
  const { source, key, found, allowed, unknown } = mistake;
  if (unknown !== undefined) {
    const meant = unknown.near === null ? '' : ` (did you mean ${unknown.near}?)`;
    return `${source}: this version knows no setting ${key ?? ''}${meant}. It is ignored.`;
  }
  const place = key === null ? source : `${source}: ${key}`;
  return `${place}: found ${found}, expected ${allowed}. ${sayInstead(mistake, loaded)}`;
}

function sayInstead({ key }: ConfigMistake, { config, origins }: LoadedConfig): string {
  if (key === null || !leaves.has(key)) return 'Nothing of it is in effect.';
  const value = valueAt(config, key);
  if (value === undefined) return 'It counts as not set.';
  const from = origins.get(key) ?? 'default';
  return `${show(value)} stands in for it${from === 'default' ? '' : ` (from ${from})`}.`;
}
