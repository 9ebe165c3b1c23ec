// The playground: prompts on three machines.
import { bundlePlayground } from './bundle-demo.mjs';

const { exports, programs } = await bundlePlayground();
await exports.main(programs);
