import { accountAttributes, homeDirectoryMistake, readAccount } from '../../directory/account.ts';
import type { DirectoryPlace } from '../../directory/apply-step.ts';
import { valuesOf } from '../../directory/connection.ts';
import { directoryLacks, memberValue } from '../../directory/group.ts';
import { observeGroup } from '../../directory/observe-user.ts';
import { isRoamhomeError } from '../../errors/errors.ts';
import { sessionProperty } from '../../sync/properties.ts';
import type { DatasetName } from '../../zfs/names.ts';
import { requireRoots, type HomesPlace } from './place.ts';
import { judgeUser, type KnownUser, type ListedUser, type SeenHome } from './judge-user.ts';

/** Every user of whom there is anything: in the directory's group, or a home on the server. By name. */
export async function listUsers(
  place: HomesPlace,
  directory: DirectoryPlace | null,
  signal: AbortSignal,
): Promise<readonly ListedUser[]> {
  const homes = await listHomes(place, signal);
  const known =
    directory === null ? await fromSystem(place, [...homes.keys()]) : await fromDirectory(directory);
  return [...new Set([...homes.keys(), ...known.keys()])]
    .sort()
    .map((user) => judgeUser(user, homes.get(user) ?? null, known.get(user) ?? null, directory !== null));
}

async function listHomes(place: HomesPlace, signal: AbortSignal): Promise<ReadonlyMap<string, SeenHome>> {
  await requireRoots(place, signal);
  const { machine, root } = place;
  const properties = ['used', 'quota', sessionProperty];
  const all = (await machine.zfs.listTree(root, properties, { signal })) ?? [];
  const below = (name: DatasetName): string => name.slice(root.length + 1);
  return new Map(
    all
      .filter(({ name }) => below(name) !== '' && !below(name).includes('/'))
      .map((dataset) => {
        const value = (property: string): string => dataset.properties[property] ?? '-';
        return [
          below(dataset.name),
          {
            dataset: dataset.name,
            usedBytes: BigInt(value('used')),
            quotaBytes: BigInt(value('quota')),
            newest: dataset.snapshots.at(-1)?.creation ?? null,
            isPartial: dataset.resumeToken !== null,
            session: value(sessionProperty),
          },
        ];
      }),
  );
}

/** Without a directory: whether the server itself knows those whose homes it has. */
async function fromSystem(
  { machine }: HomesPlace,
  users: readonly string[],
): Promise<ReadonlyMap<string, KnownUser>> {
  const known = new Map<string, KnownUser>();
  for (const user of users) {
    try {
      const account = await machine.platform.findAccount(user);
      if (account !== null) known.set(user, { uid: account.uid, isMember: true, mistake: null });
    } catch (error) {
      // A dataset that has a name no user can have.
      if (!isRoamhomeError(error, 'user-name-invalid')) throw error;
    }
  }
  return known;
}

async function fromDirectory({
  directory,
  settings,
}: DirectoryPlace): Promise<ReadonlyMap<string, KnownUser>> {
  const group = await observeGroup(directory, settings);
  if (group === null) throw directoryLacks([settings.groupDn]);
  const entries = await directory.search({
    base: settings.baseDn,
    scope: 'tree',
    filter: '(objectClass=posixAccount)',
    attributes: accountAttributes,
  });
  const holders = new Map<string, string[]>();
  for (const entry of entries) {
    const [number = ''] = valuesOf(entry, 'uidNumber');
    holders.set(number, [...(holders.get(number) ?? []), entry.dn]);
  }
  const known = new Map<string, KnownUser>();
  for (const entry of entries) {
    const [user = ''] = valuesOf(entry, 'uid');
    const isMember = memberValue(group, { user, dn: entry.dn }) !== null;
    const other = (holders.get(valuesOf(entry, 'uidNumber')[0] ?? '') ?? []).find((dn) => dn !== entry.dn);
    try {
      const { uidNumber, homeDirectory } = readAccount(entry, user);
      const elsewhere = homeDirectoryMistake({ user, homeDirectory }, settings);
      const mistake = other === undefined ? elsewhere : `${other} has the same uid number`;
      known.set(user, { uid: uidNumber, isMember, mistake });
    } catch (error) {
      if (!isRoamhomeError(error, 'directory-taken')) throw error;
      known.set(user, { uid: null, isMember, mistake: error.message });
    }
  }
  return new Map([...known].filter(([, { isMember }]) => isMember).concat(membersOnly(group.members, known)));
}

/** Listed in the group by name, with no entry of their own. */
function membersOnly(
  members: readonly string[],
  known: ReadonlyMap<string, KnownUser>,
): readonly [string, KnownUser][] {
  return members
    .filter((member) => !member.includes('=') && !known.has(member))
    .map((member) => [
      member,
      { uid: null, isMember: true, mistake: 'in the group, but not in the directory' },
    ]);
}
