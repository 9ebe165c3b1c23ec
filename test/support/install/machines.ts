import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Installation, Role } from '../../../src/install/installation.ts';
import { wantedOn, type PackageTexts, type Wanted } from '../../../src/install/wanted.ts';
import { createSystemd } from '../../../src/platform/linux/systemd.ts';
import { createLaunchd } from '../../../src/platform/macos/launchd.ts';
import { fakeHost } from '../fake-host.ts';

const repository = resolve(import.meta.dirname, '../../..');

/** What is made up of an installation, but for what a test cares about. */
export function installation(own: Partial<Installation> = {}): Installation {
  return {
    version: '1.2.3',
    node: '/usr/local/bin/node',
    program: '/usr/local/lib/roamhome/dist/main.js',
    spoolDir: '/var/db/roamhome/pending',
    stateDir: '/var/run/roamhome',
    macName: 'mac-a',
    statusDir: '/var/run/roamhome-status',
    notice: 'auto',
    jobs: { thinAt: '03:05', serverAt: '*:17', pendingMinutes: 15, checkpointMinutes: 10 },
    ...own,
  };
}

/** The texts of this repository, which are those of the package. */
const packageTexts: PackageTexts = new Map(
  ['hooks', 'launchd', 'systemd', 'xdg'].flatMap((folder) =>
    readdirSync(resolve(repository, folder)).map((name): [string, string] => [
      `${folder}/${name}`,
      readFileSync(resolve(repository, folder, name), 'utf8'),
    ]),
  ),
);

/** launchd or systemd; no command of theirs can be run. */
export function servicesOf(kind: Role['kind']) {
  const host = fakeHost({});
  return kind === 'macos'
    ? createLaunchd({ host, sleep: () => Promise.resolve(), pauseMs: 1, tries: 3 })
    : createSystemd(host);
}

export const roles = {
  mac: { kind: 'macos', server: false, watchConsole: false },
  'a Mac with a watch on its console': { kind: 'macos', server: false, watchConsole: true },
  'a server that is a Mac': { kind: 'macos', server: true, watchConsole: false },
  workstation: { kind: 'linux', server: false, watchConsole: false },
  server: { kind: 'linux', server: true, watchConsole: false },
} as const satisfies Record<string, Role>;

export function wantedFor(role: Role, own: Partial<Installation> = {}): Wanted {
  return wantedOn(role, installation(own), packageTexts, servicesOf(role.kind));
}
