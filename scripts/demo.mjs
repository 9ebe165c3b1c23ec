// The demo: tells its story on the stage that is asked for.
import { join } from 'node:path';
import { bundleDemo } from './bundle-demo.mjs';

const { exports, simulator } = await bundleDemo('main');
await exports.main(process.argv.slice(2), { root: join(import.meta.dirname, '..'), simulator });
