import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { compareTrees, type Difference } from '../../../../src/homes/files/compare.ts';
import { planPutBack } from '../../../../src/homes/history/plan-put-back.ts';

let base: string;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'put-back-'));
});

afterEach(() => {
  // Node's own removal goes by whole paths.
  execFileSync('rm', ['-rf', base]);
});

/** A folder in which a file lies deeper than any path can say, as programs that go down step by step leave them. */
function deepFolder(side: 'past' | 'home', text: string): string {
  const down =
    'mkdir "$0" && cd "$0" && for i in $(seq 25); do mkdir "$1" && cd -P "$1" || exit 1; done; echo "$2" >file';
  execFileSync('sh', ['-c', down, join(base, side), 'd'.repeat(200), text]);
  return join(base, side);
}

const treeAt = (place: string) => ({ mounts: new Map([['', place]]), apart: new Map<string, null>() });
const { signal } = new AbortController();

test('what cannot be compared does not count as what is there: it is put back, and the present is kept', async () => {
  const [past, home] = [deepFolder('past', 'then'), deepFolder('home', 'now')];
  const [name = ''] = readdirSync(past);
  const [inPast, inHome] = [past, home].map((place) => Buffer.from(join(place, name))) as [Buffer, Buffer];
  const plan = await planPutBack(
    { path: Buffer.from(name), inPast, inHome },
    { past: treeAt(past), home: treeAt(home), label: 'before', signal },
  );
  expect(plan.steps).toMatchObject([{ kind: 'copy', replace: true, aside: 'before' }]);
});

test('what cannot be compared is told as that', async () => {
  const [past, home] = [deepFolder('past', 'then'), deepFolder('home', 'now')];
  const found: Difference[] = [];
  const options = { conflict: treeAt(past), home: treeAt(home), chosen: null, all: false, signal };
  for await (const one of compareTrees(options)) found.push(one);
  expect(found).toMatchObject([{ kind: 'unknown', why: 'it cannot be read: ENAMETOOLONG' }]);
});
