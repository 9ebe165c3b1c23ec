import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Host } from '../../../src/host/host.ts';
import { linuxMachineId } from '../../../src/platform/linux/machine-id.ts';
import { macosMachineId } from '../../../src/platform/macos/machine-id.ts';
import { machineIdOf } from '../../../src/platform/machine-id.ts';

const directory = mkdtempSync(join(tmpdir(), 'roamhome-machine-id-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});
const file = (name: string, text: string): string => {
  writeFileSync(join(directory, name), text);
  return join(directory, name);
};
const board = '4C4C4544-0042-3510-8052-B9C04F4E3732';

test('a board and a system have an id each: eight letters that a record can hold, and never the id itself', () => {
  const id = machineIdOf(`${board}\n`);
  expect(id).toMatch(/^[0-9a-f]{8}$/);
  expect(board.toLowerCase()).not.toContain(id);
  expect(machineIdOf(board.toLowerCase().replaceAll('-', ''))).toBe(id);
});

test.each([
  '',
  'Not Settable',
  '00000000-0000-0000-0000-000000000000',
  'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
  '03000200-0400-0500-0006-000700080009',
])('%j tells no machine from another', (text) => {
  expect(machineIdOf(text)).toBeNull();
});

test('on Linux the board goes before the file that a copied disk has too', async () => {
  const copied = file('machine-id', '0123456789abcdef0123456789abcdef\n');
  const nobodys = file('zeros', '00000000-0000-0000-0000-000000000000\n');
  expect(await linuxMachineId([file('uuid', board), copied])).toBe(machineIdOf(board));
  expect(await linuxMachineId([nobodys, copied])).toMatch(/^[0-9a-f]{8}$/);
  expect(await linuxMachineId([join(directory, 'none'), copied])).toMatch(/^[0-9a-f]{8}$/);
  expect(await linuxMachineId([join(directory, 'none')])).toBeNull();
});

const answering = (stdout: string, exitCode = 0): Host =>
  ({ run: () => Promise.resolve({ stdout, stderr: '', exitCode, signal: null }) }) as unknown as Host;

test('on a Mac it is the one that ioreg prints', async () => {
  const printed = `+-o J314sAP  <class IOPlatformExpertDevice>\n    {\n      "IOPlatformUUID" = "${board}"\n      "model" = <"MacBookPro18,3">\n    }\n`;
  expect(await macosMachineId(answering(printed))).toBe(machineIdOf(board));
  expect(await macosMachineId(answering('', 1))).toBeNull();
});
