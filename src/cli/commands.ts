import { registerConfig } from './config-show.ts';
import type { RegisterCommand } from './context.ts';

/** Every command, in the order of `roamhome --help`. */
export const commands: readonly RegisterCommand[] = [registerConfig];
