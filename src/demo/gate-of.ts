import { judge } from '../gate/judge.ts';
import type { Policy } from '../gate/policy.ts';
import { parseDatasetName } from '../zfs/names.ts';
import type { AuthorizedKey } from './ssh-server.ts';

/** What the server's gate refuses a Mac, whose users are all. `root`, `conflictsRoot`: the server's. */
export function gateOf(
  mac: string,
  { root, conflictsRoot }: { readonly root: string; readonly conflictsRoot: string },
): AuthorizedKey['whyRefused'] {
  const [homes, conflicts] = [parseDatasetName(root), parseDatasetName(conflictsRoot)];
  const policy: Policy = { mac, homes, conflicts, users: ['*'], mode: 'append' };
  return (line) => {
    const verdict = judge(line, policy);
    return verdict.kind === 'refused' ? verdict.why : null;
  };
}
