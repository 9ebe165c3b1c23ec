import { test } from 'vitest';
import { collectNoStacks } from './model/collect-no-stacks.ts';
import { foundHistories } from './model/found-histories.ts';
import { play, type History } from './model/history.ts';
import { given, testHistories } from './model/play-histories.ts';

collectNoStacks();

testHistories(20261120);

test.runIf(given !== undefined)('issue 3, 1: the history of ROAMHOME_HISTORY', async () => {
  await play(JSON.parse(given ?? '') as History);
});

test.each(foundHistories)('issue 3, 1: a history that has failed: %s', async (_what, history) => {
  await play(history);
});
