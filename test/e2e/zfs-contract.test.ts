import { afterAll, beforeAll, expect, test } from 'vitest';
import { cases } from '../contract/zfs/cases.ts';
import { runInGuest } from '../contract/zfs/guest.ts';
import { readRecording, writeRecording } from '../contract/zfs/recording.ts';
import type { Normal } from '../contract/zfs/normalise.ts';
import { exec, installed, reset, sh, type LabHost } from './lab.ts';

const recording = readRecording();
const recordAnew = process.env['RECORD'] === '1';
const seen: Record<string, readonly Normal[]> = {};

/** Hosts without a case to run, and who waits for one. */
const idle: LabHost[] = ['server', 'mac-a', 'mac-b'];
const waiting: ((host: LabHost) => void)[] = [];

beforeAll(async () => {
  await reset(installed);
  // The cases know one account besides root.
  for (const mac of ['mac-a', 'mac-b'] as const) await sh(mac, 'useradd zfs_plain');
});

async function onIdleHost<T>(task: (host: LabHost) => Promise<T>): Promise<T> {
  const host = idle.pop() ?? (await new Promise<LabHost>((resolve) => waiting.push(resolve)));
  try {
    return await task(host);
  } finally {
    const next = waiting.shift();
    if (next === undefined) idle.push(host);
    else next(host);
  }
}

afterAll(() => {
  // All of them, or none: a case that failed half way would be recorded as what OpenZFS does.
  if (!recordAnew || Object.keys(seen).length !== cases.length) return;
  // In the order of the cases, not of the hosts that were done first.
  writeRecording(Object.fromEntries(cases.map(({ name }) => [name, seen[name] ?? []])));
});

test.concurrent.each(cases)('OpenZFS still does as recorded: $name', async (each) => {
  const printed = await onIdleHost((host) => runInGuest(each, (script) => exec(host, ['sh', '-c', script])));
  seen[each.name] = printed;
  if (!recordAnew) expect(printed).toEqual(recording?.[each.name]);
});
