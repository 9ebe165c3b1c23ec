import { afterAll, expect, test } from 'vitest';
import { cases } from '../contract/zfs/cases.ts';
import { runInGuest } from '../contract/zfs/guest.ts';
import { readRecording, writeRecording } from '../contract/zfs/recording.ts';
import type { Normal } from '../contract/zfs/normalise.ts';
import { exec } from './lab.ts';

const recording = readRecording();
const recordAnew = process.env['RECORD'] === '1';
const seen: Record<string, readonly Normal[]> = {};

afterAll(() => {
  // All of them, or none: a case that failed half way would be recorded as what OpenZFS does.
  if (recordAnew && Object.keys(seen).length === cases.length) writeRecording(seen);
});

test.each(cases)('OpenZFS still does as recorded: $name', async (each) => {
  const printed = await runInGuest(each, (script) => exec('server', ['sh', '-c', script]));
  seen[each.name] = printed;
  if (!recordAnew) expect(printed).toEqual(recording?.[each.name]);
});
