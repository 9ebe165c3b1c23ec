import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseBinary } from 'plist';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Installation, Role } from '../../../src/install/installation.ts';
import { roles, wantedFor } from '../../support/install/machines.ts';

let directory: string;
/** Paths with all that XML and unit files treat in a way of their own. */
let awkward: Pick<Installation, 'node' | 'program' | 'spoolDir' | 'statusDir'>;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'roamhome-units-'));
  const place = join(directory, 'a b & <c> 50% $HOME ä');
  mkdirSync(place);
  const quoted = join(place, `"d" 'e' \\`);
  awkward = {
    node: join(place, 'node'),
    program: join(quoted, 'main.js'),
    spoolDir: join(quoted, 'pending'),
    statusDir: join(quoted, '`status`'),
  };
  // It is looked for.
  writeFileSync(awkward.node, '#!/bin/sh\n');
  chmodSync(awkward.node, 0o755);
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** Writes the files of a machine's jobs; their paths. */
function write(role: Role, own: Partial<Installation> = awkward): readonly string[] {
  const files = wantedFor(role, own).jobs.flatMap((job) => job.files);
  return files.map(({ path, text }) => {
    const written = join(directory, basename(path));
    writeFileSync(written, text);
    return written;
  });
}

describe('launchd jobs, as libplist reads them', () => {
  const read = (path: string): unknown => {
    const binary = `${path}.bin`;
    // libplist has a parser of its own; the npm package reads what it has made of it.
    execFileSync('plistutil', ['-i', path, '-o', binary, '-f', 'bin'], { stdio: 'pipe' });
    return parseBinary(readFileSync(binary));
  };
  const common = (job: string, ...words: string[]) => ({
    Label: `org.roamhome.${job}`,
    ProgramArguments: [
      ...[awkward.node, '--single-threaded', '--min-semi-space-size=16', awkward.program],
      ...words,
    ],
    StandardErrorPath: '/Library/Logs/roamhome/jobs.log',
    Umask: 0o077,
    WorkingDirectory: '/',
  });
  const inBackground = { ProcessType: 'Background', LowPriorityIO: true, ExitTimeOut: 30 };

  test('those of a Mac', () => {
    const jobs = write(roles['a Mac with a watch on its console']).map((path) => [
      basename(path),
      read(path),
    ]);
    expect(Object.fromEntries(jobs)).toEqual({
      'org.roamhome.thin.plist': {
        ...common('thin', 'thin'),
        ...inBackground,
        StartCalendarInterval: [{ Hour: 3, Minute: 5 }],
      },
      'org.roamhome.pending.plist': {
        ...common('pending', 'push', '--pending'),
        QueueDirectories: [awkward.spoolDir],
        StartCalendarInterval: [0, 15, 30, 45].map(() => ({ Minute: expect.any(Number) as number })),
        ThrottleInterval: 300,
        ProcessType: 'Background',
        ExitTimeOut: 30,
      },
      'org.roamhome.checkpoint.plist': {
        ...common('checkpoint', 'checkpoint'),
        ...inBackground,
        StartInterval: 600,
      },
      'org.roamhome.watch-console.plist': {
        ...common('watch-console', 'watch-console'),
        RunAtLoad: true,
        KeepAlive: true,
        ExitTimeOut: 60,
      },
    });
  });

  test('the agent of each session', () => {
    const file = wantedFor(roles.mac, awkward).files.find(({ path }) => path.includes('LaunchAgents'));
    const written = join(directory, basename(file?.path ?? ''));
    writeFileSync(written, file?.text ?? '');
    expect(file?.path).toBe('/Library/LaunchAgents/org.roamhome.notify.plist');
    expect(read(written)).toEqual({
      Label: 'org.roamhome.notify',
      ProgramArguments: [
        ...[awkward.node, '--single-threaded', awkward.program],
        ...['notify', '--directory', awkward.statusDir],
      ],
      RunAtLoad: true,
      LimitLoadToSessionType: 'Aqua',
      ProcessType: 'Background',
      WorkingDirectory: '/',
    });
  });

  test('that of a server', () => {
    const [path = '', ...more] = write(roles['a server that is a Mac']);
    expect(more).toEqual([]);
    expect(read(path)).toEqual({
      ...common('server', 'thin', '--server', '--tend'),
      ...inBackground,
      StartCalendarInterval: [{ Minute: 17 }],
    });
  });

  test('a broken one is found', () => {
    const [path = ''] = write(roles.mac);
    writeFileSync(path, readFileSync(path, 'utf8').replace('</array>', ''));
    expect(() => read(path)).toThrow();
  });
});

describe('systemd units, as systemd reads them', () => {
  const verify = (paths: readonly string[]) => {
    const { status, stderr } = spawnSync(
      'systemd-analyze',
      ['verify', '--man=no', '--recursive-errors=no', ...paths],
      // Else it takes the units of this machine for what they wait for.
      { encoding: 'utf8', env: { ...process.env, SYSTEMD_UNIT_PATH: `${directory}:` } },
    );
    return { status, stderr: stderr.replaceAll(`${directory}/`, '') };
  };

  test.each([
    ['workstation', roles.workstation],
    ['server', roles.server],
  ])('those of a %s', (_name, role) => {
    expect(verify(write(role))).toEqual({ status: 0, stderr: '' });
  });

  test.each([
    ['a program that is not there', { node: '/nobody/here/node' }, /nobody\/here\/node/],
    [
      'a time that is none',
      { jobs: { thinAt: '99:99', serverAt: '', pendingMinutes: 15, checkpointMinutes: 10 } },
      /roamhome-thin\.timer.*calendar/i,
    ],
  ])('%s is found', (_name, own, want) => {
    expect(verify(write(roles.workstation, { ...awkward, ...own })).stderr).toMatch(want);
  });

  test('the times are those that were asked for', () => {
    const timers = [...write(roles.workstation), ...write(roles.server)].filter((path) =>
      path.endsWith('.timer'),
    );
    const times = timers.flatMap((path) => /^OnCalendar=(.*)$/m.exec(readFileSync(path, 'utf8'))?.[1] ?? []);
    const normalised = times.map((time) => {
      const said = execFileSync('systemd-analyze', ['calendar', time], { encoding: 'utf8' });
      return /^ *Normalized form: (.*)$/m.exec(said)?.[1];
    });
    expect(normalised).toEqual(['*-*-* 03:05:00', '*-*-* *:00/15:00', '*-*-* *:17:00']);
  });
});

describe('the entry of each session of a Linux workstation, as the desktop reads it', () => {
  const write = (own: Partial<Installation>): string => {
    const file = wantedFor(roles.workstation, own).files.find(({ path }) => path.includes('autostart'));
    const written = join(directory, basename(file?.path ?? ''));
    writeFileSync(written, file?.text ?? '');
    expect(file?.path).toBe('/etc/xdg/autostart/roamhome-notify.desktop');
    return written;
  };

  test('it is valid, and a broken one is found', () => {
    const check = (path: string) => spawnSync('desktop-file-validate', [path], { encoding: 'utf8' });
    const path = write(awkward);
    expect(check(path)).toMatchObject({ status: 0, stdout: '', stderr: '' });
    writeFileSync(path, readFileSync(path, 'utf8').replace('Exec="', 'Exec=`"'));
    expect(check(path).status).not.toBe(0);
  });

  test('it runs the program with the paths as they are', () => {
    const noted = join(directory, 'noted');
    // GLib looks for the program by its name as it is written, with its percent signs doubled.
    const node = join(directory, 'n $d & <e> ä');
    writeFileSync(node, `#!/bin/sh\nfor word; do printf '%s\\n' "$word"; done >'${noted}'\n`);
    chmodSync(node, 0o755);
    const text = readFileSync(write({ ...awkward, node }), 'utf8');
    // What it waits for is looked for by the session, which has it or not.
    writeFileSync(join(directory, 'entry.desktop'), text.replace(/^TryExec=.*\n/m, ''));
    execFileSync('gio', ['launch', join(directory, 'entry.desktop')], { stdio: 'pipe' });
    return vi.waitFor(() => {
      expect(readFileSync(noted, 'utf8').split('\n').slice(0, -1)).toEqual([
        ...['--single-threaded', awkward.program, 'notify', '--directory', awkward.statusDir],
      ]);
    }, 30_000);
  });
});
