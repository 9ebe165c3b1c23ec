import { checkValue, unknownKey, type Layer } from './layer.ts';
import { isSection, leaves, settings, type Leaf } from './leaves.ts';
import { show, type ConfigMistake } from './mistakes.ts';

/** In mistakes and origins. */
export const setSource = '--set';

/** The text as the setting's type; text that is not of that type stays text, and so is found wrong. */
function valueOf(leaf: Leaf, text: string): unknown {
  switch (leaf.type) {
    case 'text':
      return text;
    case 'number':
      return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text;
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text;
    case 'list':
      // As in PATH.
      return text === '' ? [] : text.split(':');
    case 'map':
      return parseJson(text);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function unknownFlag(key: string): ConfigMistake {
  const [first = '', ...rest] = key.split('.');
  const node = settings.get(first);
  if (node === undefined || !isSection(node))
    return unknownKey(setSource, key, { at: first, section: settings, prefix: '' });
  const at = rest.join('.');
  const mistake = unknownKey(setSource, key, { at, section: node, prefix: `${first}.` });
  return at === '' ? { ...mistake, found: 'a group' } : mistake;
}

/** Reads `--set key=value` flags; a later one of the same key wins. Pure; collects every mistake. */
export function readSetFlags(flags: readonly string[]): Layer {
  const values = new Map<string, unknown>();
  const mistakes: ConfigMistake[] = [];
  for (const flag of flags) {
    const equals = flag.indexOf('=');
    if (equals < 1) {
      mistakes.push({
        source: setSource,
        key: null,
        found: show(flag),
        allowed: 'key=value, as in server.port=2222',
      });
      continue;
    }
    const key = flag.slice(0, equals);
    const leaf = leaves.get(key);
    if (leaf === undefined) {
      mistakes.push(unknownFlag(key));
      continue;
    }
    const value = valueOf(leaf, flag.slice(equals + 1));
    const mistake = checkValue(setSource, key, leaf, value);
    if (mistake === null) values.set(key, value);
    else mistakes.push(mistake);
  }
  return { source: setSource, values, mistakes: mistakes.map((mistake) => ({ ...mistake, isTyped: true })) };
}
