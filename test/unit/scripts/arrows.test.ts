import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');
const rules = join(root, '.dependency-cruiser.cjs');
const { forbidden } = createRequire(import.meta.url)(rules) as {
  readonly forbidden: readonly { readonly name: string }[];
};

/** Arrows that nobody may draw, and the rules that find them. A word without a path is a package. */
const planted: readonly (readonly [from: string, to: string, rules: readonly string[]])[] = [
  ['src/sync/a.ts', 'src/homes/login.ts', ['sync-below-homes']],
  ['src/sync/b.ts', 'src/platform/platform.ts', ['sync-below-homes']],
  ['src/sync/c.ts', 'src/wire/session.ts', ['sync-below-homes']],
  ['src/sync/plan.ts', 'node:fs', ['pure-files-do-no-io']],
  ['src/homes/diverged/a.ts', 'node:fs', ['pure-files-do-no-io']],
  ['src/format/b.ts', 'node:fs', ['what-is-shown-does-no-io']],
  ['src/zfs/a.ts', 'src/sync/observe.ts', ['zfs-below-sync']],
  ['src/host/a.ts', 'src/zfs/names.ts', ['host-below-zfs']],
  ['src/host/b.ts', 'ssh2', ['ssh2-only-in-host']],
  ['src/errors/a.ts', 'src/format/size.ts', ['errors-import-nothing']],
  ['src/format/a.ts', 'src/errors/errors.ts', ['format']],
  ['src/progress/a.ts', 'src/errors/errors.ts', ['progress']],
  ['src/watchers/a.ts', 'src/homes/report.ts', ['watchers']],
  ['src/config/a.ts', 'src/platform/platform.ts', ['config']],
  ['src/simulator/a.ts', 'src/sync/plan.ts', ['simulator']],
  ['src/platform/a.ts', 'src/config/schema.ts', ['platform']],
  ['src/platform/b.ts', 'src/platform/linux/proc.ts', ['platform-stands-before-its-systems']],
  ['src/platform/linux/a.ts', 'src/platform/macos/ps.ts', ['linux-and-macos-apart']],
  ['src/homes/a.ts', 'src/cli/run.ts', ['homes']],
  ['src/homes/b.ts', 'src/platform/linux/proc.ts', ['homes']],
  ['src/homes/c.ts', 'src/homes/tending/tend.ts', ['homes']],
  ['src/homes/d.ts', 'src/mirror/pull.ts', ['homes', 'engines-apart']],
  ['src/mirror/a.ts', 'src/homes/login.ts', ['engines-apart']],
  ['src/homes/login.ts', 'src/homes/history/rollback.ts', ['sessions-below-what-is-done-by-hand']],
  ['src/homes/mount/a.ts', 'src/homes/files/compare.ts', ['sessions-below-what-is-done-by-hand']],
  ['src/homes/status/a.ts', 'src/homes/conflicts/discard.ts', ['status-reads']],
  ['src/homes/files/a.ts', 'src/homes/conflicts/discard.ts', ['files-of-any-tree']],
  ['src/homes/conflicts/a.ts', 'src/homes/history/rollback.ts', ['conflicts']],
  ['src/homes/excluded/a.ts', 'src/homes/conflicts/discard.ts', ['excluded']],
  ['src/homes/history/a.ts', 'src/homes/excluded/add-folders.ts', ['history']],
  ['src/homes/notification/a.ts', 'src/homes/report.ts', ['notification']],
  ['src/homes/tending/a.ts', 'src/homes/report.ts', ['tending']],
  ['src/homes/e.ts', 'src/zfs/commands/remove.ts', ['only-tending-removes']],
  ['src/thinning/a.ts', 'src/homes/report.ts', ['thinning']],
  ['src/gate/a.ts', 'src/config/schema.ts', ['gate']],
  ['src/gate/b.ts', 'zod', ['gate-needs-no-package']],
  ['src/install/a.ts', 'src/platform/macos/launchd.ts', ['install']],
  ['src/directory/a.ts', 'src/zfs/names.ts', ['directory']],
  ['src/provision/a.ts', 'src/homes/report.ts', ['provision']],
  ['src/provision/user/a.ts', 'src/homes/history/rollback.ts', ['provision-user']],
  ['src/doctor/a.ts', 'src/homes/conflicts/discard.ts', ['doctor']],
  ['src/doctor/checks/a.ts', 'node:fs', ['doctor-judges-without-io']],
  ['src/wire/a.ts', 'src/cli/run.ts', ['wire-below-cli']],
  ['src/cli/framework/a.ts', 'src/cli/thin/command.ts', ['commands-above-their-framework']],
  ['src/cli/thin/a.ts', 'src/host/local.ts', ['only-wire-builds']],
  ['src/homes/stream.ts', 'src/sync/make-step.ts', ['only-sync-makes-streams']],
  ['src/thinning/b.ts', 'src/log/create-log.ts', ['only-wire-builds']],
  ['src/homes/f.ts', 'src/demo/main.ts', ['homes', 'nothing-on-the-demo']],
  ['src/wire/b.ts', 'yargs', ['yargs-only-in-cli']],
  ['src/zfs/b.ts', 'execa', ['execa-only-in-host']],
  ['src/wire/c.ts', 'ldapts', ['ldapts-only-in-directory']],
  ['src/wire/d.ts', 'winston', ['winston-only-in-log']],
  ['src/homes/g.ts', 'test/support/fake.ts', ['src-not-from-test']],
  ['src/homes/h.ts', 'src/homes/nowhere.ts', ['not-unresolvable']],
  ['src/homes/i.ts', 'src/homes/j.ts', ['no-circular']],
  // A circle is told once.
  ['src/homes/j.ts', 'src/homes/i.ts', []],
];

let house: string;

beforeAll(() => {
  house = mkdtempSync(join(tmpdir(), 'roamhome-arrows-'));
  const texts = new Map<string, string>();
  for (const [from, to] of planted) {
    if (/^(src|test)\//.test(to) && !to.endsWith('/nowhere.ts') && !texts.has(to)) texts.set(to, '');
    const specifier = to.includes('/') ? relative(dirname(from), to).replace(/^(?!\.)/, './') : to;
    texts.set(from, `${texts.get(from) ?? ''}import * as taken from '${specifier}';\nexport { taken };\n`);
  }
  for (const [file, text] of texts) {
    mkdirSync(join(house, dirname(file)), { recursive: true });
    writeFileSync(join(house, file), text);
  }
  symlinkSync(join(root, 'node_modules'), join(house, 'node_modules'));
  writeFileSync(
    join(house, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: { module: 'nodenext', allowImportingTsExtensions: true, noEmit: true },
    }),
  );
});

afterAll(() => {
  rmSync(house, { recursive: true });
});

test('each arrow that may not be is found, by its rule', () => {
  const program = join(root, 'node_modules/.bin/depcruise');
  const words = ['--config', rules, '--output-type', 'json', 'src', 'test'];
  const { stdout } = spawnSync(program, words, { cwd: house, encoding: 'utf8', maxBuffer: 1 << 26 });
  const { summary } = JSON.parse(stdout) as {
    readonly summary: {
      readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[];
    };
  };
  const found = planted.map(([from, to]) => {
    const names = summary.violations.flatMap((one) => (one.from === from ? [one.rule.name] : []));
    return [from, to, [...new Set(names)].sort()];
  });
  expect(found).toEqual(planted.map(([from, to, names]) => [from, to, [...names].sort()]));
});

test('each rule of the arrows has one that it finds', () => {
  const found = new Set(planted.flatMap(([, , names]) => names));
  expect(forbidden.map(({ name }) => name).filter((name) => !found.has(name))).toEqual([]);
});
