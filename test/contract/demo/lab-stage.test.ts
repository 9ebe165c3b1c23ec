import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { Cleanup } from '../../../src/demo/cleanup.ts';
import { labStage } from '../../../src/demo/lab-stage.ts';

/** Writes its words down, one in brackets each, and says something on both outputs. */
const fakeLab = `#!/bin/sh
for word; do printf '[%s]' "$word"; done >> "$(dirname "$0")/log"
echo >> "$(dirname "$0")/log"
echo problem >&2
echo summary
[ "$4" != fail ] || exit 75
`;

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'demo-lab-'));
  mkdirSync(join(root, 'scripts'));
  writeFileSync(join(root, 'scripts/lab'), fakeLab);
  chmodSync(join(root, 'scripts/lab'), 0o755);
  return () => {
    rmSync(root, { recursive: true });
  };
});

test('the lab gets commands as words, what alice does as alice, and its link back in the end', async () => {
  const cleanup = new Cleanup();
  const { macA, server, setServerAway } = labStage(root, cleanup, new AbortController().signal);
  expect(await macA.run(['zfs', 'list'])).toEqual({ exitCode: 0, text: 'problem\nsummary\n' });
  expect(await server.run(['fail', 'now'])).toMatchObject({ exitCode: 75 });
  await macA.append('/Users/alice/Documents/novel.txt', "It's - mine");
  await macA.read('/Users/alice/Documents/novel.txt');
  await setServerAway(true);
  expect(await cleanup.run()).toEqual([]);
  const alice = '[exec][mac-a][--][su][alice][-s][/bin/sh][-c]';
  expect(readFileSync(join(root, 'scripts/log'), 'utf8').trimEnd().split('\n')).toEqual([
    '[exec][mac-a][--][zfs][list]',
    '[exec][server][--][fail][now]',
    `${alice}[mkdir -p /Users/alice/Documents && echo 'It'\\''s - mine' >> /Users/alice/Documents/novel.txt]`,
    `${alice}[cat /Users/alice/Documents/novel.txt]`,
    '[net][server][cut]',
    '[net][server][clear]',
  ]);
});
