import { cpus, totalmem } from 'node:os';

/** What a lab of three VMs takes at most, with the emulator's translated code: bytes. */
const memoryOfALab = 9 * 2 ** 30;

const first = process.env['ROAMHOME_LAB_NAME'] ?? 'roamhome-lab';

/**
 * The names of the labs that files of tests are spread over: one keeps hardly more than one processor busy. ROAMHOME_LABS=1: only the
 * first.
 */
export const labs: readonly string[] =
  process.env['ROAMHOME_LABS'] !== '1' && cpus().length > 1 && totalmem() > 2 * memoryOfALab
    ? [first, `${first}-2`]
    : [first];
