import { afterAll, beforeAll, expect, test } from 'vitest';
import { cases, type Case } from '../contract/zfs/cases.ts';
import { runInGuest } from '../contract/zfs/guest.ts';
import { readRecording, writeRecording } from '../contract/zfs/recording.ts';
import type { Normal } from '../contract/zfs/normalise.ts';
import { exec, installed, reset, sh, type LabHost } from './lab.ts';

const recording = readRecording();
/** `all` records each case anew, `new` those of which nothing is recorded. */
const recordAnew = process.env['RECORD'];
const isRecorded = ({ name }: Case): boolean =>
  recordAnew === undefined || (recordAnew === 'new' && recording?.[name] !== undefined);
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
  if (cases.every(isRecorded) || !cases.every((each) => isRecorded(each) || seen[each.name] !== undefined))
    return;
  // In the order of the cases, not of the hosts that were done first.
  const now = (each: Case): readonly Normal[] | undefined =>
    (isRecorded(each) ? recording : seen)?.[each.name];
  writeRecording(Object.fromEntries(cases.map((each) => [each.name, now(each) ?? []])));
});

test.concurrent.each(cases)('OpenZFS still does as recorded: $name', async (each) => {
  const printed = await onIdleHost((host) => runInGuest(each, (script) => exec(host, ['sh', '-c', script])));
  seen[each.name] = printed;
  if (isRecorded(each)) expect(printed).toEqual(recording?.[each.name]);
});
