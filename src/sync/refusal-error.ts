import { RoamhomeError, type ErrorCode } from '../errors/errors.ts';
import { describeRefusal } from './describe.ts';
import type { Refusal } from './step.ts';

const codes: Readonly<Record<Refusal['kind'], ErrorCode>> = {
  diverged: 'diverged',
  'no-common': 'no-common-base',
  'server-blocked': 'server-blocked',
  'own-partial': 'server-blocked',
  'branch-taken': 'dataset-exists',
  'home-missing': 'home-missing',
  'not-created': 'home-missing',
  unsayable: 'name-invalid',
  doubled: 'guid-doubled',
};

/** What to do about a plan that must not be carried out. Nothing was changed on either side. */
export function refusalError(refusal: Refusal, serverName: string): RoamhomeError {
  return new RoamhomeError({
    code: codes[refusal.kind],
    message: describeRefusal(refusal),
    remedy: remedyOf(refusal, serverName),
    retryable: codes[refusal.kind] === 'server-blocked',
  });
}

function remedyOf({ kind, dataset, cure }: Refusal, serverName: string): string {
  if (cure !== undefined) return cure;
  switch (kind) {
    case 'diverged':
    case 'no-common':
      return (
        `Both versions are kept and nothing was changed. An admin can put this Mac's aside with ` +
        `\`zfs unmount ${dataset}; zfs rename ${dataset} ${dataset}-conflict\`; the next login brings the server's, ` +
        `and what only this Mac had can be copied out of ${dataset}-conflict.`
      );
    case 'server-blocked':
    case 'own-partial':
      return (
        `The home waits on this Mac, complete. On ${serverName}, as root, once no transfer is under way: ` +
        '`zfs receive -A DATASET` gives the interrupted receive up; the next run sends the home.'
      );
    case 'branch-taken':
      return `Give this Mac a name of its own (local.macName), or rename ${dataset} on ${serverName}.`;
    case 'home-missing':
      return `Create the home on this Mac (\`zfs create -o canmount=noauto ${dataset}\`, then chown it to the user), or check the dataset roots with \`roamhome config show\`.`;
    case 'doubled':
      return 'Run `zfs list -t snapshot -o name,guid,written -s createtxg` there: two snapshots have one guid.';
    case 'unsayable':
      return `Run \`zfs rename\` to give ${JSON.stringify(dataset)} a name without blanks.`;
    case 'not-created':
      return 'Set policies.createOnServer to true, or send the home there once by hand.';
  }
}
