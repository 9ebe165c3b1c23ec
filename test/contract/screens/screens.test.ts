import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createRoamingMac, type RoamingMac } from '../../support/roaming-mac.ts';

// What a person sees, in real terminals of tmux; the program and SSH are real, ZFS is the simulator. `ROAMHOME_SCREENS=1` writes
// what is seen to docs/screens.
const screens = resolve(import.meta.dirname, '../../../docs/screens');

describe.runIf(process.getuid?.() === 0)('the terminal views', { timeout: 180_000 }, () => {
  let mac: RoamingMac;
  let directory: string;
  beforeAll(async () => {
    mac = await createRoamingMac({ alice: 8, bob: 1 });
    ({ directory } = mac);
  });
  afterAll(async () => {
    await mac.remove();
  });

  /** A terminal with a shell in it; gives what it shows. */
  async function inTerminal(
    { columns, rows = 16 }: { readonly columns: number; readonly rows?: number },
    use: (terminal: {
      type: (line: string) => void;
      shows: (wrapped?: 'wrapped' | 'whole') => string;
    }) => Promise<void>,
  ): Promise<void> {
    const tmux = (...words: readonly string[]): string =>
      execFileSync('tmux', ['-L', `roamhome-${process.pid}`, '-f', '/dev/null', ...words], {
        encoding: 'utf8',
      });
    const shell = `PATH=${mac.bin}:$PATH PS1='$ ' TZ=UTC exec sh`;
    tmux('new-session', '-d', '-x', String(columns), '-y', String(rows), shell);
    try {
      await use({
        type: (line) => void tmux('send-keys', line, 'Enter'),
        // Whole: a line that the terminal has wrapped is one.
        shows: (wrapped = 'whole') =>
          `${tmux('capture-pane', '-p', ...(wrapped === 'whole' ? ['-J'] : [])).trimEnd()}\n`,
      });
    } finally {
      tmux('kill-server');
    }
  }

  function keep(name: string, screen: string): void {
    if (process.env['ROAMHOME_SCREENS'] === undefined) return;
    mkdirSync(screens, { recursive: true });
    writeFileSync(join(screens, `${name}.txt`), screen);
  }

  test.each([
    [80, 'alice', /^alice: sending \[#+\.+\] +[1-9]\d? % {2}[\d.]+ of [\d.]+ MiB/m],
    [40, 'bob', /^logout of bob: sent/m],
  ])('a logout in %d columns', async (columns, user, under) => {
    await inTerminal({ columns }, async ({ type, shows }) => {
      type(`roamhome logout ${user}`);
      let screen = '';
      await vi.waitFor(
        () => {
          expect((screen = shows())).toMatch(under);
        },
        { timeout: 60_000, interval: 50 },
      );
      for (const line of screen.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
      if (user === 'alice') keep(`logout-${columns}-under-way`, screen);
      await vi.waitFor(
        () => {
          expect((screen = shows())).toMatch(/^logout of \w+: sent/m);
        },
        {
          timeout: 150_000,
          interval: 200,
        },
      );
      expect(screen).toMatch(new RegExp(`^${user}: done .*100 %`, 'm'));
      keep(`logout-${columns}`, screen);
    });
  });

  test.each([
    ['status-80', 80, 'roamhome status', /^HOME .*\n(.+\n)*carol +pending/m],
    ['status-40', 40, 'roamhome status', /^carol: pending$/m],
    ['status-alice-80', 80, 'roamhome status alice', /^ {2}here .* ago, mac7$/m],
    ['status-brief-80', 80, 'roamhome status --brief', /^warning: carol: .*(; .*)? of 3 homes in sync$/m],
    ['status-json', 80, 'roamhome status alice --json', /^ {2}"homes": \[/m],
    [
      'status-prometheus',
      100,
      'roamhome status --prometheus roamhome.prom; cat roamhome.prom',
      /^roamhome_home_snapshots\{user="carol",side="local"\} 1$/m,
    ],
  ])('%s: how homes stand, in %d columns', async (name, columns, command, want) => {
    await mac.zfs('create', '-p', '-o', 'canmount=noauto', 'data/profiles/carol');
    await mac
      .zfs('snapshot', 'data/profiles/carol@roamhome-20261125T080200.123Z-mac7')
      .catch(() => undefined);
    mkdirSync(join(directory, 'pending'), { recursive: true });
    const since = new Date(Date.now() - 26 * 3_600_000).toISOString();
    writeFileSync(join(directory, 'pending/carol'), JSON.stringify({ since }));
    await inTerminal({ columns, rows: 120 }, async ({ type, shows }) => {
      type(`cd ${directory}; clear; ${command}; echo "exit code $?"`);
      let screen = '';
      await vi.waitFor(
        () => {
          expect((screen = shows())).toMatch(/^exit code \d$/m);
        },
        { timeout: 60_000, interval: 100 },
      );
      expect(screen).toMatch(want);
      if (command === 'roamhome status') expect(screen).toMatch(/^exit code 1$/m);
      if (name === 'status-80')
        for (const line of screen.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
      const seen = columns < 80 ? shows('wrapped') : screen;
      keep(name, seen.replace(/^exit code \d\n/m, '').replaceAll(directory, '/srv'));
    });
  });
});
