import { defaultsFor, type SystemKind } from './defaults.ts';
import { readConfigFile, type ConfigFile } from './file.ts';
import { mergeLayers, type LoadedConfig } from './merge.ts';
import { readSetFlags } from './set-flags.ts';

/** Where to look for settings. */
export interface ConfigRequest {
  readonly kind: SystemKind;
  /** This machine's host name, for the default of local.macName. */
  readonly hostName: string;
  /** `--config FILE`: read instead of the machine's own file. Managed preferences still win over it. */
  readonly file?: string | undefined;
  /** `--set key=value`, in order. */
  readonly set?: readonly string[];
  /** True when this process is root's: files that others can write are then refused. */
  readonly trustOnlyRoot: boolean;
}

const managedPreferences = '/Library/Managed Preferences/org.roamhome.plist';

/** The machine's own file of settings, where no `--config` names another. */
const ownFile: Readonly<Record<SystemKind, string>> = {
  macos: '/Library/Preferences/org.roamhome.plist',
  linux: '/etc/roamhome/config.json',
};

/** The files to read, the weakest first. */
export function configFiles(request: Pick<ConfigRequest, 'kind' | 'file'>): readonly ConfigFile[] {
  const own =
    request.file === undefined
      ? { path: ownFile[request.kind], required: false }
      : { path: request.file, required: true };
  return request.kind === 'macos' ? [own, { path: managedPreferences, required: false }] : [own];
}

/**
 * The effective configuration: defaults, then the machine's file, then managed preferences, then `--set`. Never throws for
 * what is wrong in them: who needs a setting asks works.ts whether it may be relied on.
 */
export async function loadConfig(request: ConfigRequest): Promise<LoadedConfig> {
  const files = await Promise.all(configFiles(request).map((file) => readConfigFile(file, request)));
  return mergeLayers(defaultsFor(request.kind, request.hostName), [
    ...files,
    readSetFlags(request.set ?? []),
  ]);
}
