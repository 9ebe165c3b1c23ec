import { collectNoStacks } from './model/collect-no-stacks.ts';
import { testHistories } from './model/play-histories.ts';

collectNoStacks();

testHistories(20261121);
