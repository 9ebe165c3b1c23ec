import { test } from 'vitest';
import { collectNoStacks } from '../support/model/collect-no-stacks.ts';
import { foundHistories } from '../support/model/found-histories.ts';
import { play, type History } from '../support/model/history.ts';
import { given, testHistories } from '../support/model/play-histories.ts';

collectNoStacks();

testHistories(20261120);

test.runIf(given !== undefined)('the history of ROAMHOME_HISTORY', async () => {
  await play(JSON.parse(given ?? '') as History);
});

test.each(foundHistories)('a history that has failed: %s', async (_what, history) => {
  await play(history);
});
