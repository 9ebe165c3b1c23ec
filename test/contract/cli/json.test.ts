import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { documentOf, failureOf } from '../../support/cli/expect-shape.ts';
import { createCommandLine, type CommandLine } from '../../support/command-line.ts';

// Of a user whom every Debian has: the command line asks the system who it is.
const user = 'nobody';
const home = `data/profiles/${user}`;
const name = `${user}-mac7-20261120T064500Z`;
const conflict = `data/profiles-conflicts/${name}`;

/** On a machine that is a Mac without a server, and for tending and thinning the server itself. */
describe.runIf(process.getuid?.() === 0)('what --json prints is what docs/reference/json.md says', () => {
  let commandLine: CommandLine;

  beforeAll(async () => {
    commandLine = await createCommandLine('mac');
    const { machine } = commandLine;
    const zfs = (...words: readonly string[]) => machine.zfs(...words);
    const place = machine.folder(`/Users/${user}`);
    const write = (text: string): void => {
      writeFileSync(join(place, 'novel'), text);
      for (const each of [join(place, 'novel'), place]) chownSync(each, 65_534, 65_534);
    };
    for (const root of ['data/profiles', 'data/profiles-conflicts'])
      await zfs('create', '-o', 'canmount=off', '-o', 'mountpoint=none', root);
    await zfs('create', '-o', 'canmount=noauto', '-o', `mountpoint=${place}`, home);
    await zfs('mount', home);
    write('mine');
    await zfs('unmount', home);
    await zfs('snapshot', `${home}@x`);
    await zfs('set', `roamhome:conflict=${user}`, home);
    await zfs('rename', '-u', home, conflict);
    await zfs('create', '-o', 'canmount=noauto', '-o', `mountpoint=${place}`, home);
    await zfs('mount', home);
    write('the other');
    await zfs('snapshot', `${home}@y`);
    write('and more');
    await zfs('snapshot', `${home}@roamhome-20261121T064500.123Z-mac7`);
    mkdirSync(machine.folder('/rescue'));
  });

  afterAll(() => {
    commandLine.remove();
  });

  test.each<[shape: string, words: readonly string[]]>([
    ['status', ['status']],
    ['status', ['status', user, '--local']],
    ['snapshots', ['snapshots', user]],
    ['versions', ['versions', user, 'novel', '--local']],
    ['diff', ['diff', user, 'y']],
    ['conflicts list', ['conflicts', 'list']],
    ['conflicts show', ['conflicts', 'show', name]],
    ['conflicts diff', ['conflicts', 'diff', name]],
    ['exclude list', ['exclude', 'list', user]],
    ['config show', ['config', 'show']],
    ['config get', ['config', 'get', 'server.port']],
    ['config set', ['config', 'set', 'server.port', '2222', '--dry-run']],
    ['config check', ['config', 'check']],
    ['config path', ['config', 'path']],
    ['schedule explain', ['schedule', 'explain', '10,1d1w']],
    ['push --pending --dry-run', ['push', '--pending', '--dry-run']],
    ['rollback', ['rollback', 'data/profiles', 'none', '--dry-run']],
    ['thin --dry-run', ['thin', '--server', '--explain']],
    ['tend --dry-run', ['tend', '--dry-run']],
    ['tend', ['tend']],
    ['thin', ['thin', '--server']],
    ['thin --server --tend', ['thin', '--server', '--tend']],
    ['checkpoint', ['checkpoint']],
    ['push --pending', ['push', '--pending']],
    ['doctor', ['doctor']],
  ])('%s: %j', async (shape, words) => {
    const { out, code } = await commandLine.roamhome(...words, '--json');
    const document = JSON.parse(out) as { readonly error?: unknown };
    if (document.error === undefined) documentOf(shape, out);
    else failureOf(out);
    expect(document).toMatchObject({ roamhome: 1, ok: code === 0, exitCode: code });
  });

  test('a file that is brought back, from a snapshot and from a conflict', async () => {
    const { machine, roamhome } = commandLine;
    const to = ['--to', machine.folder('/rescue'), '--json'];
    const restored = await roamhome('restore', user, 'novel', '--at', 'y', '--local', ...to);
    expect(documentOf('restore', restored.out)).toMatchObject({ ok: true, restored: [{ path: 'novel' }] });
    const skipped = await roamhome('conflicts', 'restore', name, '--all', ...to);
    documentOf('conflicts restore', skipped.out);
  });

  test('a conflict that is kept, then destroyed', async () => {
    const { roamhome } = commandLine;
    const asked = await roamhome('conflicts', 'discard', name, '--json');
    expect(failureOf(asked.out)).toMatchObject({ exitCode: 64, error: { code: 'usage' } });
    const gone = await roamhome('conflicts', 'discard', name, '--yes', '--json');
    expect(documentOf('conflicts discard', gone.out)).toMatchObject({ ok: true, destroyed: true });
  });

  test('a login and a logout without a server', async () => {
    const { roamhome } = commandLine;
    for (const what of ['logout', 'login']) {
      // `nobody` is not in the group that roams.
      const { out, code } = await roamhome(what, user, '--json');
      expect(documentOf(what, out)).toMatchObject({ what, user, exitCode: code });
    }
  });
});
