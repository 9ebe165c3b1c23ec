import type { Job } from '../platform/services.ts';
import { fillTemplate } from './fill-template.ts';
import { hookFileNames, hookPath, type HookKind } from './hooks.ts';
import type { Installation, Role } from './installation.ts';
import { launchdValues } from './launchd-values.ts';
import { desktopValues } from './desktop-values.ts';
import { hooksDirectory, macLogs, newsyslog, notifyFiles, support } from './places.ts';
import { systemdValues } from './systemd-values.ts';

/** A file of root's. */
export interface WantedFile {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
}

/** What is to be on this machine, and nothing else of ours. */
export interface Wanted {
  /** Parents first. They are made when missing, and never removed. */
  readonly directories: readonly { readonly path: string; readonly mode: number }[];
  readonly files: readonly WantedFile[];
  readonly jobs: readonly { readonly job: Job; readonly files: readonly WantedFile[] }[];
  readonly hooks: Readonly<Partial<Record<HookKind, string>>>;
}

/** What uninstalling wants. */
export const nothing: Wanted = { directories: [], files: [], jobs: [], hooks: {} };

/** What the package brings: its texts by their places in it, such as `launchd/org.roamhome.thin.plist`. */
export type PackageTexts = ReadonlyMap<string, string>;

/** The jobs of a machine. Pure. */
function jobsOf({ kind, server, watchConsole }: Role): readonly Job[] {
  if (server) return ['server'];
  return [
    'thin',
    'pending',
    'checkpoint',
    ...(kind === 'macos' && watchConsole ? ['watch-console' as const] : []),
  ];
}

/** The jobs that Roamhome may ever have set up on such a machine. Pure. */
export function knownJobs(kind: Role['kind']): readonly Job[] {
  return [false, true].flatMap((server) => jobsOf({ kind, server, watchConsole: true }));
}

/** What a machine is to have. `filesOf`: the service manager's. Pure. */
export function wantedOn(
  role: Role,
  installation: Installation,
  texts: PackageTexts,
  manager: { readonly directory: string; filesOf(job: Job): readonly string[] },
): Wanted {
  const isMac = role.kind === 'macos';
  const values = isMac ? launchdValues(installation) : systemdValues(installation);
  const folder = isMac ? 'launchd' : 'systemd';
  const filled = (name: string): string => fillTemplate(textOf(texts, `${folder}/${name}`), values);
  const hooks = isMac && !role.server;
  return {
    directories: [
      ...(isMac ? [{ path: macLogs, mode: 0o755 }] : []),
      ...(hooks ? [support, hooksDirectory].map((path) => ({ path, mode: 0o755 })) : []),
      // QueueDirectories= and PathChanged= want it to be there.
      ...(role.server ? [] : [{ path: installation.spoolDir, mode: 0o700 }]),
      { path: installation.stateDir, mode: 0o700 },
    ],
    files: [
      ...(isMac ? [{ path: newsyslog, text: filled('org.roamhome.newsyslog.conf'), mode: 0o644 }] : []),
      ...(hooks ? hookFiles(installation, texts) : []),
      ...(role.server || installation.notice === 'none' ? [] : [noticeFile(role, installation, texts)]),
    ],
    jobs: jobsOf(role).map((job) => ({
      job,
      files: manager
        .filesOf(job)
        .map((name) => ({ path: `${manager.directory}/${name}`, text: filled(name), mode: 0o644 })),
    })),
    hooks: hooks ? { LoginHook: hookPath('LoginHook'), LogoutHook: hookPath('LogoutHook') } : {},
  };
}

function noticeFile({ kind }: Role, installation: Installation, texts: PackageTexts): WantedFile {
  const isMac = kind === 'macos';
  const path = notifyFiles[kind];
  const template = textOf(texts, isMac ? 'launchd/org.roamhome.notify.plist' : 'xdg/roamhome-notify.desktop');
  const values = isMac ? launchdValues(installation) : desktopValues(installation);
  return { path, text: fillTemplate(template, values), mode: 0o644 };
}

/** The shell reads `node` and `program` as lines: nothing in them is run. */
function hookFiles(installation: Installation, texts: PackageTexts): readonly WantedFile[] {
  const inHooks = (name: string, text: string, mode: number) => ({
    path: `${hooksDirectory}/${name}`,
    text,
    mode,
  });
  return [
    ...hookFileNames.map((name) =>
      inHooks(name, textOf(texts, `hooks/${name}`), name.endsWith('.sh') ? 0o644 : 0o755),
    ),
    inHooks('node', `${installation.node}\n`, 0o644),
    inHooks('program', `${installation.program}\n`, 0o644),
  ];
}

function textOf(texts: PackageTexts, name: string): string {
  const text = texts.get(name);
  if (text === undefined) throw new Error(`the package has no ${name}`);
  return text;
}
