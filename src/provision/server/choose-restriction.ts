import { RoamhomeError } from '../../errors/errors.ts';
import { splitOptions } from '../key/key-line.ts';
import { listKeys } from '../key/key-tasks.ts';
import type { Machine } from '../machine.ts';
import { alreadySo, type Task } from '../task.ts';
import { findAccount } from './account.ts';
import { lookForLshell } from './shell-trial.ts';
import type { Restriction } from './wanted-server.ts';

/** A restriction, and why it is this one: in words, to be told. */
export interface ChosenRestriction {
  readonly restriction: Restriction;
  readonly because: string;
}

const isForced = ({ options }: { readonly options: string }): boolean =>
  splitOptions(options).some((one) => /^command="/i.test(one));

/** What was asked for; else what is in use; else lshell where it is installed, and the gate, which comes with Roamhome, where it is not. */
export async function chooseRestriction(
  machine: Machine,
  account: string,
  asked: Restriction | undefined,
  signal: AbortSignal,
): Promise<ChosenRestriction> {
  if (asked !== undefined) return { restriction: asked, because: 'as --restriction says' };
  if ((await findAccount(machine, account, signal))?.shell === '/bin/sh') {
    const keys = await listKeys(machine, account, signal);
    if (keys.length > 0 && keys.every(isForced))
      return { restriction: 'gate', because: 'its keys are behind the gate already' };
  }
  const lshell = await lookForLshell(machine.host, signal);
  return lshell === null
    ? { restriction: 'gate', because: 'lshell is not installed' }
    : { restriction: 'lshell', because: `lshell is installed: ${lshell}` };
}

/** With the gate the account's shell runs anything: no key may be without its forced command. Before the shell is set. */
export function forcedKeysTask(machine: Machine, account: string): Task {
  return {
    title: `the gate before each key of ${account}`,
    machine,
    look: async (signal) => {
      if ((await findAccount(machine, account, signal)) === null) return alreadySo;
      const open = (await listKeys(machine, account, signal)).filter((key) => !isForced(key));
      const [first] = open;
      if (first === undefined) return alreadySo;
      throw new RoamhomeError({
        code: 'in-the-way',
        message: `${open.length === 1 ? 'a key' : `${open.length} keys`} of ${account} on ${machine.name} would get a shell: the gate is before none of them (${open.map(({ fingerprint, comment }) => `${fingerprint} ${comment}`.trim()).join(', ')})`,
        remedy: `Revoke each, and add it again afterwards: \`roamhome provision key revoke ${first.mac ?? first.fingerprint}\`. Or install lshell and take it: \`roamhome provision server --restriction lshell\`.`,
      });
    },
  };
}
