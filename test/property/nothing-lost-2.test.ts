import { collectNoStacks } from '../support/model/collect-no-stacks.ts';
import { testHistories } from '../support/model/play-histories.ts';

collectNoStacks();

testHistories(20261121);
