import { createHash } from 'node:crypto';

/** What boards say that were given no id of their own. */
const nobodys = new Set(['03000200040005000006000700080009', '00020003000400050006000700080009']);

/**
 * Eight letters that stand for a machine, of the id that its hardware or its system says it has; null where that is none. Pure.
 */
export function machineIdOf(text: string): string | null {
  const plain = text.trim().toLowerCase().replaceAll('-', '');
  const isOne = /^[0-9a-f]{32}$/.test(plain) && new Set(plain).size > 1 && !nobodys.has(plain);
  return isOne ? createHash('sha256').update(`roamhome ${plain}`).digest('hex').slice(0, 8) : null;
}
