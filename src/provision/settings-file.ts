import { RoamhomeError } from '../errors/errors.ts';

/** Settings by their dotted names, as `server.root`. */
export type Settings = Readonly<Record<string, unknown>>;

type Tree = Record<string, unknown>;

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** undefined: it is not in it. Pure. */
export function settingIn(tree: unknown, dotted: string): unknown {
  return dotted.split('.').reduce<unknown>((at, key) => (isTree(at) ? at[key] : undefined), tree);
}

/** Those of the settings that a tree lacks, or has otherwise. One that is not in it is what `defaults` says. Pure. */
export function missingSettings(
  tree: unknown,
  settings: Settings,
  defaults: Settings,
): readonly (readonly [dotted: string, value: unknown])[] {
  return Object.entries(settings).filter(([dotted, value]) => {
    return !isSame(settingIn(tree, dotted) ?? defaults[dotted], value);
  });
}

/**
 * The text of a JSON file of settings with these in it, and all else as it is; null when it says so already. Pure; throws
 * `config-invalid`.
 */
export function withSettings(
  text: string | null,
  settings: Settings,
  defaults: Settings,
  path: string,
): string | null {
  const tree = text === null ? {} : parseTree(text, path);
  const missing = missingSettings(tree, settings, defaults);
  for (const [dotted, value] of missing) {
    const keys = dotted.split('.');
    const last = keys.pop() ?? '';
    const section = keys.reduce<Tree>((at, key) => {
      const next = at[key];
      if (isTree(next)) return next;
      const made: Tree = {};
      at[key] = made;
      return made;
    }, tree);
    section[last] = value;
  }
  return missing.length === 0 ? null : `${JSON.stringify(tree, null, 2)}\n`;
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** A JSON file of settings. Pure; throws `config-invalid`. */
export function parseTree(text: string, path: string): Tree {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch (cause) {
    throw invalid(path, cause);
  }
  if (!isTree(read)) throw invalid(path);
  return read;
}

function invalid(path: string, cause?: unknown): RoamhomeError {
  return new RoamhomeError({
    code: 'config-invalid',
    message: `${path} is not JSON with settings in it`,
    remedy: 'Correct it (roamhome config show says what is wrong with it), and run this again.',
    cause,
  });
}
