import type { Config } from '../../config/schema.ts';
import { shellWord } from '../../host/shell-word.ts';
import { extraBelow, namedDatasets } from '../../provision/server/grants-below.ts';
import { wantedPermissions } from '../../provision/server/wanted-server.ts';
import type { Grant } from '../../zfs/commands/permissions.ts';
import type { DatasetName } from '../../zfs/names.ts';
import { both, type Fact } from '../fact.ts';
import { judging, orOk, run, warning, critical, type Check, type Finding, type Remedy } from '../finding.ts';

/** What `zfs allow` tells of a root on the server. */
export interface RootGrants {
  readonly root: DatasetName;
  readonly grants: readonly Grant[];
}

interface DelegationFacts {
  readonly config: Fact<Config>;
  readonly grants: Fact<readonly RootGrants[]>;
}

/** What a Mac's key needs on the server. */
const wanted = wantedPermissions(true);

/** The permissions of a grant, with sets as what they stand for. A set may hold sets. Pure. */
function spelledOut(grant: Grant, all: readonly Grant[], seen: readonly string[] = []): readonly string[] {
  return grant.permissions.flatMap((permission) => {
    if (!permission.startsWith('@')) return [permission];
    if (seen.includes(permission)) return [];
    return all
      .filter(({ scope, who }) => scope === 'sets' && who === permission)
      .flatMap((set) => spelledOut(set, all, [...seen, permission]));
  });
}

/** Who they are taken from, as `zfs unallow` wants it; `below`: on all below the dataset too. */
function unallow(
  { dataset, who }: Pick<Grant, 'dataset' | 'who'>,
  permissions: readonly string[],
  { below = false } = {},
): string {
  const [kind = '', ...name] = who.split(' ');
  const flag: Readonly<Record<string, string>> = { user: '-u', group: '-g', everyone: '-e' };
  const words = [
    flag[kind] ?? '-c',
    ...(name.length > 0 ? [shellWord(name.join(' '))] : []),
    permissions.join(','),
  ];
  return `zfs unallow ${below ? '-r ' : ''}${words.join(' ')} ${dataset}`;
}

/** `where`: on which side the server's commands are typed. Pure. */
function judgeGrants(
  { root, grants }: RootGrants,
  config: Config,
  where: Remedy['where'],
): readonly Finding[] {
  const account = config.server.user;
  const real = grants.filter(({ scope }) => scope !== 'sets');
  const own = real.filter(({ who, scope }) => who === `user ${account}` && scope !== 'local');
  const has = new Set(
    own
      .filter(({ scope }) => scope === 'both' || scope === 'descendent')
      .flatMap((one) => spelledOut(one, grants)),
  );
  const faults: Finding[] = [];

  const missing = wanted.filter((permission) => !has.has(permission));
  const isOlder = missing.includes('receive:append') && has.has('receive');
  if (isOlder) {
    faults.push(
      warning(
        `${account} may receive on ${root}, not only receive:append: a Mac's key can roll back what is not held`,
        run(
          where,
          [`zfs allow -u ${account} receive:append ${root}`, `zfs unallow -u ${account} receive ${root}`],
          'On OpenZFS 2.3.2 and newer: ',
        ),
      ),
    );
  }
  const needed = missing.filter((permission) => !(isOlder && permission === 'receive:append'));
  if (needed.length > 0)
    faults.push(
      critical(
        `${account} may not ${needed.join(', ')} on ${root}: homes are not sent`,
        run(where, [`zfs allow -u ${account} ${needed.join(',')} ${root}`]),
      ),
    );

  for (const grant of real) {
    const isOwn = grant.who === `user ${account}`;
    const allowed = isOwn && grant.dataset === root ? [...wanted, ...(isOlder ? ['receive'] : [])] : [];
    const extra = grant.permissions.filter((permission) =>
      spelledOut({ ...grant, permissions: [permission] }, grants).some((one) => !allowed.includes(one)),
    );
    if (extra.length === 0) continue;
    const who = grant.who === '' ? 'whoever creates a dataset' : grant.who.replace(/^(user|group) /, '');
    const what = `${who} may ${extra.join(', ')} on ${grant.dataset}`;
    const remedy = run(where, [unallow(grant, extra)]);
    faults.push(
      isOfMacs(grant.who, config)
        ? critical(`${what}, which Macs do not need: a stolen Mac's key can harm by it`, remedy)
        : warning(`${what}, besides ${account}`, remedy),
    );
  }
  return faults;
}

/** Everyone, whoever creates a dataset, and the group that the account is of are the Macs' account too. */
const isOfMacs = (who: string, { server, syncGroup }: Config): boolean =>
  who === `user ${server.user}` || who === `group ${syncGroup}` || !/^(user|group) /.test(who);

/** What holds besides what the roots say: older set-ups gave the account more on each home. Pure. */
function judgeBelow({ root, grants }: RootGrants, config: Config, isOlder: boolean): readonly Finding[] {
  const allowed = [...wanted, ...(isOlder ? ['receive'] : [])];
  return extraBelow(grants, allowed).map(({ who, permissions, datasets }) => {
    const name = who === '' ? 'whoever creates a dataset' : who.replace(/^(user|group) /, '');
    const what = `${name} may ${permissions.join(', ')} on ${namedDatasets(datasets)}`;
    const remedy = run('here', [unallow({ dataset: root, who }, permissions, { below: true })]);
    return isOfMacs(who, config)
      ? critical(`${what}, which Macs do not need: a stolen Mac's key can harm by it`, remedy)
      : warning(`${what}, besides ${config.server.user}`, remedy);
  });
}

/** On the server: also what was given on each home and branch. */
export const serverDelegationCheck: Check<
  DelegationFacts & { readonly grantsBelow: Fact<readonly RootGrants[]> }
> = {
  name: 'delegation',
  about:
    "On the server's roots `zfs allow` gives the Macs' account what it needs, and nobody anything else there or below",
  judge: ({ config, grants, grantsBelow }) =>
    judging(both(both(config, grants), grantsBelow), ([[settings, roots], below]) => {
      const { user } = settings.server;
      const atRoots = roots.flatMap((one) => judgeGrants(one, settings, 'here'));
      const faults = below.flatMap((one) => {
        const there = roots.find(({ root }) => root === one.root)?.grants ?? [];
        const receives = there.filter(({ who }) => who === `user ${user}`).flatMap((own) => own.permissions);
        return judgeBelow(
          one,
          settings,
          receives.includes('receive') && !receives.includes('receive:append'),
        );
      });
      return orOk(
        [...atRoots, ...faults],
        `as it is to be on ${roots.map(({ root }) => root).join(' and ')}, and below`,
      );
    }),
};

/** On a Mac, which asks for the roots alone: each home would be a command more. */
export const delegationCheck = (where: Remedy['where']): Check<DelegationFacts> => ({
  name: 'delegation',
  about: "On the server's roots `zfs allow` gives the Macs' account what it needs, and nobody anything else",
  judge: ({ config, grants }) =>
    judging(both(config, grants), ([settings, roots]) =>
      orOk(
        roots.flatMap((one) => judgeGrants(one, settings, where)),
        `as it is to be on ${roots.map(({ root }) => root).join(' and ')}; below, \`roamhome doctor --server\` there looks`,
      ),
    ),
});
