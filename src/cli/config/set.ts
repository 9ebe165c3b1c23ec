import { mkdir, realpath, stat, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { defaultsFor } from '../../config/defaults.ts';
import { readConfigFile } from '../../config/file.ts';
import { leafOf } from '../../config/known-key.ts';
import { configFiles } from '../../config/load.ts';
import { mergeLayers, valueAt } from '../../config/merge.ts';
import { ConfigInvalidError } from '../../config/mistakes.ts';
import { readSetFlags } from '../../config/set-flags.ts';
import { isRoamhomeError, RoamhomeError } from '../../errors/errors.ts';
import { weakPlaceOn } from '../../host/others-can-change.ts';
import { replaceFile } from '../../host/replace-file.ts';
import { shellWord } from '../../host/shell-word.ts';
import { parseTree, withSettings } from '../../provision/settings-file.ts';
import { asText } from './table.ts';
import type { ConfigAnswer } from './values.ts';
import type { GlobalOptions } from '../framework/context.ts';
import { loadSettings } from '../framework/load-cli-config.ts';
import { systemKind } from '../../config/system-kind.ts';
import { withThinningMistakes } from '../framework/thinning-settings.ts';

/** What `config set` is asked for. */
export interface SetRequest extends Pick<GlobalOptions, 'config' | 'set'> {
  readonly key: string;
  readonly value: string;
  readonly dryRun: boolean;
}

/**
 * Changes one setting in the machine's own file, or in `--config`'s. Throws `usage` for a name or a value that no setting
 * takes, `not-root` where the file is another's, and `config-invalid` for a file that cannot be relied on.
 */
export async function setSetting(
  request: SetRequest,
  signal: AbortSignal,
): Promise<Omit<ConfigAnswer, 'isWrong'>> {
  const { key, dryRun } = request;
  const value = parseValue(key, request.value);
  const before = await loadSettings({ ...request, set: [] });
  const kind = systemKind(process.platform);
  const [own] = configFiles({ kind, file: request.config });
  const path = own?.path ?? '';
  const hasChanged =
    kind === 'macos' && request.config === undefined
      ? await setPreference(key, value, { dryRun, signal })
      : await setInFile(path, key, value, { dryRun });
  const after = dryRun ? before : await loadSettings({ ...request, set: [] });
  const [was, source] = [valueAt(before.config, key) ?? null, after.origins.get(key) ?? null];
  const shown = asText(value);
  const verb = dryRun ? 'would be set' : 'set';
  const lines = hasChanged
    ? [`${path}: ${key} ${verb} to ${shown} (before: ${asText(was)})`]
    : [`${path}: ${key} is ${shown} already`];
  const isOverruled = !dryRun && source !== path;
  if (isOverruled)
    lines.push(`${source ?? 'Another source'} overrules it: ${asText(valueAt(after.config, key) ?? null)}`);
  if (hasChanged && !dryRun && leafOf(key).readBy.includes('`install'))
    lines.push('Run `roamhome install` (on the server with --server), so that the jobs follow it.');
  return {
    text: lines.join('\n'),
    document: {
      dryRun,
      path,
      key,
      value,
      before: was,
      changed: hasChanged,
      inEffect: !isOverruled && !dryRun,
    },
  };
}

/** The value of a setting from the text of a command line. Throws `usage`. Pure. */
function parseValue(key: string, text: string): unknown {
  leafOf(key);
  const layer = readSetFlags([`${key}=${text}`]);
  const [mistake] = withThinningMistakes(mergeLayers(defaultsFor('linux', ''), [layer])).mistakes;
  if (mistake !== undefined)
    throw new RoamhomeError({
      code: 'usage',
      message: `${key} does not take ${mistake.found}`,
      remedy: `Give it ${mistake.allowed}.`,
    });
  return layer.values.get(key);
}

/** False: it said so already. */
async function setInFile(
  path: string,
  key: string,
  value: unknown,
  { dryRun }: { readonly dryRun: boolean },
): Promise<boolean> {
  const trustOnlyRoot = process.geteuid?.() === 0;
  // What reads refuse is not written to either.
  const { mistakes } = await readConfigFile({ path, required: false }, { trustOnlyRoot });
  const broken = mistakes.filter((mistake) => mistake.key === null);
  if (broken.length > 0) throw new ConfigInvalidError(broken);
  try {
    // A link stays one: what it leads to is replaced.
    const target = await resolved(path);
    const there =
      target === null ? null : { text: await readFile(target, 'utf8'), stats: await stat(target) };
    if (there !== null) refuseOther(there.text, key, path);
    const text = withSettings(there?.text ?? null, { [key]: value }, {}, path);
    if (text === null || dryRun) return text !== null;
    if (target === null) await mkdir(dirname(path), { recursive: true, mode: 0o755 });
    const place = target === null && trustOnlyRoot ? weakPlaceOn(dirname(path)) : null;
    if (place !== null) throw weak(path, place);
    await replaceFile(target ?? path, text, {
      mode: (there?.stats.mode ?? 0o644) & 0o7777,
      ...(there !== null && { owner: { uid: there.stats.uid, gid: there.stats.gid } }),
    });
    return true;
  } catch (error) {
    if (isRoamhomeError(error)) throw error;
    throw unwritable(path, error as NodeJS.ErrnoException);
  }
}

/** By `defaults`, as provisioning does. */
async function setPreference(
  key: string,
  value: unknown,
  { dryRun, signal }: { readonly dryRun: boolean; readonly signal: AbortSignal },
): Promise<boolean> {
  const [{ settingsTask }, { applyForReal, runTasks }, { openMachine }] = await Promise.all([
    import('../../provision/settings-task.ts'),
    import('../../provision/run-tasks.ts'),
    import('../../wire/provision.ts'),
  ]);
  const machine = await openMachine({ host: undefined, isInteractive: false, tell: () => undefined, signal });
  try {
    const apply = dryRun ? () => Promise.resolve() : applyForReal;
    const tasks = [settingsTask(machine, { [key]: value }, {})];
    const { report, failure } = await runTasks(tasks, { apply, signal, looksOnly: dryRun });
    if (failure !== null) throw failure;
    return report.done.length > 0;
  } finally {
    await machine.host.close();
  }
}

async function resolved(path: string): Promise<string | null> {
  try {
    return await realpath(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** A property list is not rewritten as JSON, and no value takes the place of a whole group. */
function refuseOther(text: string, key: string, path: string): void {
  if (/^(?:bplist00|\s*<)/.test(text))
    throw new RoamhomeError({
      code: 'config-invalid',
      message: `${path} is a property list, which \`config set\` writes only where it is the file of this Mac`,
      remedy: `Change it with \`plutil -replace ${key}\`, then run \`roamhome config check --config ${shellWord(path)}\`.`,
    });
  const [group = '', inGroup] = key.split('.');
  const at = parseTree(text, path)[group];
  if (
    inGroup !== undefined &&
    at !== undefined &&
    (typeof at !== 'object' || at === null || Array.isArray(at))
  )
    throw new RoamhomeError({
      code: 'config-invalid',
      message: `${path}: ${group} is no group of settings`,
      remedy: `Take it out of ${path}, then run this again.`,
    });
}

function weak(path: string, place: string): RoamhomeError {
  return new RoamhomeError({
    code: 'config-invalid',
    message: `${path} would lie behind ${place}, which others than root can change`,
    remedy: `Run \`chown root ${shellWord(place)}\` and \`chmod go-w ${shellWord(place)}\`, then run this again.`,
  });
}

function unwritable(path: string, cause: NodeJS.ErrnoException): RoamhomeError {
  const isForbidden = cause.code === 'EACCES' || cause.code === 'EPERM';
  return new RoamhomeError({
    code: isForbidden ? 'not-root' : 'state-unusable',
    message: `${path} cannot be written: ${cause.message}`,
    remedy: isForbidden ? 'Run it with `sudo`.' : `Correct that, then run this again.`,
    cause,
  });
}
