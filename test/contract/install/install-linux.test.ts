import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bundleProgram, createFakeSystem, type FakeSystem } from './fake-system.ts';

const units = '/etc/systemd/system';
const changing = /^systemctl (enable|disable|stop|daemon-reload)/;

describe.runIf(process.getuid?.() === 0)('on Linux', () => {
  let machine: FakeSystem;
  let before: Readonly<Record<string, string>>;
  let program: Awaited<ReturnType<typeof bundleProgram>>;
  beforeAll(async () => {
    program = await bundleProgram();
  });
  afterAll(() => {
    program.remove();
  });
  beforeEach(() => {
    machine = createFakeSystem('linux', program.path);
    before = machine.tree();
  });
  afterEach(() => {
    machine.remove();
  });

  const unit = (name: string) => readFileSync(machine.at(`${units}/${name}`), 'utf8');
  const unitsThere = () =>
    Object.keys(machine.tree())
      .filter((path) => path.startsWith(`${units}/roamhome`))
      .map((path) => path.replace(`${units}/`, ''));

  test.each<[string, string[], string[], string[]]>([
    ['a workstation', [], ['checkpoint', 'pending', 'thin'], ['roamhome-pending.path']],
    ['a server', ['--server'], ['server'], []],
  ])(
    '%s: what is there and runs before and after installing, upgrading and uninstalling',
    async (_name, words, jobs, paths) => {
      const triggers = [...jobs.map((job) => `roamhome-${job}.timer`), ...paths];
      const expectRunning = () => {
        for (const trigger of triggers) {
          expect(machine.state(`active/${trigger}`)).toBe(unit(trigger));
          expect(machine.state(`known/${trigger}`)).toBe(unit(trigger));
        }
      };
      expect(await machine.roamhome('install', ...words)).toMatchObject({ code: 0 });
      const services = jobs.map((job) => `roamhome-${job}.service`);
      expect(unitsThere()).toEqual([...services, ...triggers].sort());
      for (const name of unitsThere()) expect(machine.tree()[`${units}/${name}`]).toMatch(/^644 0:0\n/);
      expectRunning();

      machine.calls();
      expect(await machine.roamhome('install', ...words)).toMatchObject({
        code: 0,
        out: 'nothing to do: all is installed already\n',
      });
      expect(machine.calls().filter((line) => changing.test(line))).toEqual([]);

      // One that is running goes on through an upgrade.
      machine.setState(`active/${services[0] ?? ''}`, 'running');
      machine.upgrade('1.1.0');
      expect(await machine.roamhome('install', ...words)).toMatchObject({ code: 0 });
      expectRunning();
      expect(machine.state(`active/${services[0] ?? ''}`)).toBe('running');
      expect(unit(services[0] ?? '')).toContain('Roamhome 1.1.0.');

      expect(await machine.roamhome('uninstall')).toMatchObject({
        code: 0,
        out: expect.stringMatching(/left as they are/) as string,
      });
      expect(Object.keys(machine.tree()).filter((path) => !path.endsWith('/'))).toEqual(
        Object.keys(before).filter((path) => !path.endsWith('/')),
      );
      for (const name of [...services, ...triggers]) {
        expect(machine.state(`active/${name}`)).toBe('');
        expect(machine.state(`known/${name}`)).toBe('');
      }
    },
  );

  test('a dry run says all that is written and run, and changes nothing', async () => {
    const { code, out } = await machine.roamhome('install', '--server', '--dry-run');
    expect(code).toBe(0);
    expect(machine.tree()).toEqual(before);
    expect(machine.calls().filter((line) => changing.test(line))).toEqual([]);
    await machine.roamhome('install', '--server');
    for (const line of machine.calls().filter((call) => changing.test(call)))
      expect(out).toContain(`    ${line}\n`);
    for (const text of unit('roamhome-server.timer').trimEnd().split('\n'))
      expect(out).toContain(`    | ${text}`);
  });

  test('what is done, and what would be, as JSON', async () => {
    const tried = await machine.roamhome('install', '--server', '--dry-run', '--json');
    const { dryRun, actions } = JSON.parse(tried.out) as {
      dryRun: boolean;
      actions: { does: string; details: string[] }[];
    };
    expect([tried.code, dryRun]).toEqual([0, true]);
    expect(machine.tree()).toEqual(before);
    const done = await machine.roamhome('install', '--server', '--json');
    const told = JSON.parse(done.out) as { dryRun: boolean; actions: { does: string }[] };
    expect(told.dryRun).toBe(false);
    expect(told.actions.map(({ does }) => does)).toEqual(actions.map(({ does }) => does));
    const timer = actions.find(({ does }) => does.includes('roamhome-server.timer'))?.details ?? [];
    expect(timer.map((line) => line.replace('| ', ''))).toEqual(
      unit('roamhome-server.timer').trimEnd().split('\n'),
    );
    expect(JSON.parse((await machine.roamhome('install', '--server', '--json')).out)).toEqual({
      ...{ roamhome: 1, ok: true, exitCode: 0 },
      dryRun: false,
      actions: [],
    });
  });

  test('a workstation becomes a server', async () => {
    await machine.roamhome('install');
    writeFileSync(machine.at(`${units}/other.service`), 'not ours');
    expect(await machine.roamhome('install', '--server')).toMatchObject({ code: 0 });
    expect(unitsThere()).toEqual(['roamhome-server.service', 'roamhome-server.timer']);
    expect(machine.state('active/roamhome-thin.timer')).toBe('');
    expect(unit('other.service')).toBe('not ours');
  });

  test('there is no console to watch', async () => {
    expect(await machine.roamhome('install', '--watch-console')).toMatchObject({ code: 64 });
    expect(await machine.roamhome('watch-console')).toMatchObject({ code: 64 });
    expect(machine.tree()).toEqual(before);
  });
});
