import { parseContent } from '../config/file.ts';
import { RoamhomeError } from '../errors/errors.ts';
import type { Argv } from '../host/host.ts';
import { unexpectedResult } from '../platform/command-error.ts';
import { fileChanges, readEntry } from './entry.ts';
import type { Machine } from './machine.ts';
import { missingSettings, parseTree, settingIn, withSettings, type Settings } from './settings-file.ts';
import { alreadySo, toDo, type Change, type Found, type Task } from './task.ts';

const jsonPath = '/etc/roamhome/config.json';

/** As `defaults` names the domain; the file is that with .plist. */
const domain = '/Library/Preferences/org.roamhome';

/**
 * A machine's own settings, with these in them and all others as they are. Those that are the default are not written. The
 * directory of the file is there by then.
 */
export function settingsTask(machine: Machine, settings: Settings, defaults: Settings): Task {
  const isMac = machine.kind === 'macos';
  return {
    title: `the settings in ${settingsPath(machine)}`,
    machine,
    look: (signal) =>
      isMac
        ? lookAtPreferences(machine, settings, defaults, signal)
        : lookAtJson(machine, settings, defaults, signal),
  };
}

/** Where a machine's own settings are. */
export function settingsPath({ kind }: Pick<Machine, 'kind'>): string {
  return kind === 'macos' ? `${domain}.plist` : jsonPath;
}

/** What a machine's own settings say of one; undefined: nothing. Throws `config-invalid`, `command-failed`. */
export async function readSetting(machine: Machine, dotted: string, signal: AbortSignal): Promise<unknown> {
  const path = settingsPath(machine);
  const entry = await readEntry(machine.host, path, signal);
  if (entry === null) return undefined;
  const tree =
    machine.kind === 'macos' ? await readPlist(machine, path, signal) : parseTree(entry.text, path);
  return settingIn(tree, dotted);
}

async function lookAtJson(
  machine: Machine,
  settings: Settings,
  defaults: Settings,
  signal: AbortSignal,
): Promise<Found> {
  const entry = await readEntry(machine.host, jsonPath, signal);
  const text = withSettings(entry?.text ?? null, settings, defaults, jsonPath);
  if (text === null) return alreadySo;
  return toDo(...fileChanges(entry, { path: jsonPath, text, mode: entry?.mode ?? 0o644, owner: 'root' }));
}

/** By `defaults`, whose daemon keeps a copy of what it has read: a file that is written otherwise may be written over. */
async function lookAtPreferences(
  machine: Machine,
  settings: Settings,
  defaults: Settings,
  signal: AbortSignal,
): Promise<Found> {
  const file = `${domain}.plist`;
  const there =
    (await readEntry(machine.host, file, signal)) === null ? {} : await readPlist(machine, file, signal);
  return toDo(
    ...missingSettings(there, settings, defaults).map(([dotted, value]): Change => {
      const [section = '', key] = dotted.split('.');
      const words = key === undefined ? [section] : [section, '-dict-add', key];
      return {
        ...{ kind: 'run', does: `set ${dotted}` },
        argv: ['defaults', 'write', domain, ...words, ...defaultsValue(dotted, value)],
      };
    }),
  );
}

async function readPlist(machine: Machine, file: string, signal: AbortSignal): Promise<unknown> {
  const argv: Argv = ['plutil', '-convert', 'xml1', '-o', '-', file];
  const result = await machine.host.run(argv, { signal });
  if (result.exitCode !== 0) throw unexpectedResult(argv, result, `Correct ${file}, and run this again.`);
  return parseContent(Buffer.from(result.stdout));
}

/** The type and the value, as defaults(1) takes them. Throws `usage` for a list or a map. */
function defaultsValue(dotted: string, value: unknown): readonly string[] {
  if (typeof value === 'string') return ['-string', value];
  if (typeof value === 'boolean') return ['-bool', value ? 'true' : 'false'];
  if (typeof value === 'number') return [Number.isInteger(value) ? '-int' : '-float', String(value)];
  throw new RoamhomeError({
    code: 'usage',
    message: `${dotted} is not set on a Mac by provisioning: it is a list or a group`,
    remedy: `Set it with defaults, in ${domain}.`,
  });
}
