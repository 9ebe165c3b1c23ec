import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { othersCanChange } from '../host/others-can-change.ts';
import { parsePolicy, policyPath, type Policy } from './policy.ts';

/**
 * The Macs whose keys an authorized_keys lets in, by the names that `provision key add` ends their lines with. Pure; throws for a
 * key without one: what it may do nobody has said.
 */
export function macsLetIn(text: string): readonly string[] {
  const keys = text.split('\n').filter((line) => line.trim() !== '' && !line.trim().startsWith('#'));
  return keys.map((line) => {
    const [, mac] = / roamhome:([A-Za-z0-9_][A-Za-z0-9_.-]*) added \d{4}-\d\d-\d\d$/.exec(line.trim()) ?? [];
    if (mac === undefined) throw new Error('a key of no Mac by name is let in');
    return mac;
  });
}

/**
 * The policies of all keys of the account that this process runs as: behind a shell nothing trusted tells which of them came. The
 * account is that of the uid, whatever the environment says. Throws for what others than root could change.
 */
export async function policiesOfAccount(): Promise<readonly Policy[]> {
  const file = `${userInfo().homedir}/.ssh/authorized_keys`;
  const macs = macsLetIn(await readRoots(file));
  return Promise.all(
    macs.map(async (mac) => {
      const policy = parsePolicy(await readRoots(policyPath(mac)));
      if (policy.mac !== mac) throw new Error(`${policyPath(mac)} is the policy of ${policy.mac}`);
      return policy;
    }),
  );
}

async function readRoots(file: string): Promise<string> {
  const open = await othersCanChange(file);
  if (open !== null) throw new Error(`others than root can change ${open}`);
  return readFileSync(file, 'utf8');
}
