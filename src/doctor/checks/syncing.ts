import type { Config } from '../../config/schema.ts';
import { span } from '../../format/time.ts';
import { conflictUser } from '../../homes/diverged/conflict-user.ts';
import { syncProperty } from '../../sync/properties.ts';
import { othersRecord, parseSessionRecord } from '../../homes/presence/session-record.ts';
import type { PendingHome } from '../../homes/pending/spool.ts';
import type { ServerDataset } from '../../zfs/commands/list-server-datasets.ts';
import { shortNameOf } from '../../zfs/names.ts';
import type { Dataset } from '../../zfs/version.ts';
import { both, type Fact } from '../fact.ts';
import { levelOfUnsent } from '../../homes/pending/unsent-level.ts';
import { judging, ok, orOk, run, warning, critical, type Check, type Finding } from '../finding.ts';
import { homesBelow, type Home } from './homes.ts';

interface SyncFacts {
  readonly config: Fact<Config>;
  readonly tree: Fact<readonly Dataset[]>;
  /** What the server has of the homes here, by its names; a home that it has not is not there. */
  readonly onServer: Fact<readonly ServerDataset[]>;
  /** What tells this machine from another of its name; null: nothing does. */
  readonly machineId: Fact<string | null>;
  readonly pending: Fact<readonly PendingHome[]>;
  /** What lies below `local.conflictsRoot`. */
  readonly conflicts: Fact<readonly Dataset[]>;
  /** Milliseconds since the epoch, by this machine's clock. */
  readonly now: Fact<number>;
}

/** A logout that has begun makes its snapshot within that time, or does not come to it. */
const logoutMs = 5 * 60_000;

export const pendingCheck: Check<SyncFacts> = {
  name: 'pending',
  about: 'No home waits to be sent; critical without a snapshot, and after 7 times `doctor.unsentHours`',
  judge: ({ pending, config, now }) =>
    judging(both(both(pending, config), now), ([[homes, { doctor }], at]) =>
      orOk(
        homes.flatMap(({ user, since, lacks }) => {
          // Its user goes on in another session.
          if (lacks === 'session') return [];
          const age = since === null ? Number.NaN : at - Date.parse(since);
          const long = Number.isNaN(age) ? 'for an unknown time' : `for ${span(Math.max(0, age))}`;
          const isUnsecured = lacks === 'snapshot' || (lacks === 'logout' && !(age < logoutMs));
          const isCritical = isUnsecured || levelOfUnsent(age, doctor.unsentHours) === 'critical';
          const fault = isCritical ? critical : warning;
          return fault(
            isUnsecured
              ? `NO snapshot holds all that was in ${user}'s home at logout, ${long}`
              : `${user}'s home waits to be sent ${long}${lacks === 'unmount' ? ', and is still mounted' : ''}`,
            run('here', ['roamhome push --pending']),
          );
        }),
        'no home waits to be sent',
      ),
    ),
};

export const conflictsCheck: Check<SyncFacts> = {
  name: 'conflicts',
  about: 'Nothing is set aside on this Mac that a person has to look at',
  judge: ({ conflicts, config, now }) =>
    judging(both(both(conflicts, config), now), ([[datasets, { local }], at]) =>
      orOk(
        datasets.flatMap((dataset) => {
          const name = dataset.name.slice(local.conflictsRoot.length + 1);
          const user = conflictUser(dataset) ?? '-';
          if (name === '' || name.includes('/') || user === '-') return [];
          const newest = dataset.snapshots.at(-1);
          const age =
            newest === undefined
              ? ''
              : `, last changed ${span(Math.max(0, at - newest.creation * 1000))} ago`;
          return [
            warning(
              `a line of ${user}'s home is set aside as ${name}${age}`,
              run(
                'here',
                [`roamhome conflicts discard ${name}`],
                `See what it has that the home has not (\`roamhome conflicts diff ${name}\`), have it brought back (\`roamhome conflicts restore ${name} PATH\`), and when nothing more of it is needed `,
              ),
            ),
          ];
        }),
        'nothing is set aside',
      ),
    ),
};

/** The datasets of a home that take part in syncing. */
function synced({ dataset: { name } }: Home, tree: readonly Dataset[]): readonly Dataset[] {
  return tree.filter(
    (one) => (one.name === name || one.name.startsWith(`${name}/`)) && one.properties[syncProperty] !== 'off',
  );
}

function counterpart(dataset: Dataset, { local, server }: Config, all: readonly ServerDataset[]) {
  return all.find(({ name }) => name === `${server.root}${dataset.name.slice(local.root.length)}`) ?? null;
}

/** Seconds since the epoch of the newest of its snapshots that the server has; null: it has none. */
function lastSent(dataset: Dataset, there: ServerDataset | null): number | null {
  return dataset.snapshots.findLast(({ guid }) => there?.guids.has(guid) === true)?.creation ?? null;
}

function judgeHome(
  home: Home,
  config: Config,
  tree: readonly Dataset[],
  all: readonly ServerDataset[],
  now: number,
) {
  const datasets = synced(home, tree);
  const unsent = datasets.filter((one) => {
    const head = one.snapshots.at(-1);
    const isHere = head !== undefined && counterpart(one, config, all)?.guids.has(head.guid) === true;
    return !isHere || (one.mounted && one.written > 0n);
  });
  if (unsent.length === 0) return [];
  const times = unsent.map((one) => lastSent(one, counterpart(one, config, all)));
  const first = unsent.flatMap(({ snapshots }) => snapshots.slice(0, 1)).map(({ creation }) => creation);
  // Of what was never sent: since its first snapshot. Without one it is a new home, before its first logout.
  const since = Math.min(...times.flatMap((time) => time ?? []), ...(times.includes(null) ? first : []));
  const age = now - since * 1000;
  const level = levelOfUnsent(age, config.doctor.unsentHours);
  if (level === 'ok') return [];
  const what = times.every((time) => time === null) ? 'has never been sent' : 'was last sent whole';
  return [
    (level === 'critical' ? critical : warning)(
      `${home.user}'s home has changes and ${what}${what.startsWith('was') ? ` ${span(age)} ago` : `, for ${span(age)}`}`,
      run('here', [
        home.dataset.mounted ? `roamhome checkpoint ${home.user}` : `roamhome logout ${home.user}`,
      ]),
    ),
  ];
}

export const sentCheck: Check<SyncFacts> = {
  name: 'sent',
  about: 'No home has changes that are older than `doctor.unsentHours` and not on the server',
  judge: ({ config, tree, onServer, now }) =>
    judging(both(both(config, tree), both(onServer, now)), ([[settings, datasets], [all, at]]) => {
      const homes = homesBelow(settings.local.root, datasets);
      return orOk(
        homes.flatMap((home) => judgeHome(home, settings, datasets, all, at)),
        homes.length === 0 ? 'there are no homes here' : 'what is older is on the server',
      );
    }),
};

export const sessionsCheck: Check<SyncFacts> = {
  name: 'sessions',
  about: 'The server notes a user as logged in on this Mac only while the home is mounted here',
  judge: ({ config, tree, onServer, machineId }) =>
    judging(both(both(config, tree), both(onServer, machineId)), ([[settings, datasets], [all, id]]) =>
      orOk(
        homesBelow(settings.local.root, datasets).flatMap(({ user, dataset }) => {
          const record = parseSessionRecord(counterpart(dataset, settings, all)?.property ?? '-');
          if (
            record?.kind !== 'known' ||
            dataset.mounted ||
            othersRecord(record, { macName: settings.local.macName, machineId: id }) !== null
          )
            return [];
          return [
            warning(
              `the server notes ${user} as logged in here, but the home is not mounted: other Macs warn of it`,
              run('here', [`roamhome logout ${user}`]),
            ),
          ];
        }),
        'they agree',
      ),
    ),
};

/** What two clocks may differ by: a receive is noted by the second, and takes some. */
const patienceSeconds = 60;

/**
 * SSH and zfs tell no time of day, but the server's clock is in when it last got a snapshot (`snapshots_changed`). That
 * cannot lie in the future, and not before the moment when this Mac made the newest snapshot that the server has of it.
 */
function judgeClock(
  homes: readonly Home[],
  config: Config,
  all: readonly ServerDataset[],
  now: number,
): readonly Finding[] {
  const seen = homes.flatMap(({ dataset }) => {
    const there = counterpart(dataset, config, all);
    const changed = there?.snapshotsChanged ?? null;
    if (there === null || changed === null) return [];
    const made = dataset.snapshots.findLast(
      ({ guid, name }) => there.guids.has(guid) && shortNameOf(name).endsWith(`-${config.local.macName}`),
    );
    const behind = changed - now / 1000;
    // A clock that is behind its own newest snapshot has been set right since.
    const isSet = made === undefined || made.creation > now / 1000;
    return [{ behind, ahead: isSet ? -Infinity : made.creation - changed, changed }];
  });
  if (seen.length === 0) {
    const isSilent = homes.some(({ dataset }) => (counterpart(dataset, config, all)?.guids.size ?? 0) > 0);
    return [
      ok(
        isSilent
          ? "cannot be told: the server's OpenZFS does not say when it got a snapshot (2.2 and newer do)"
          : 'nothing to tell it by: the server has no home of this Mac yet',
      ),
    ];
  }
  const behind = Math.max(...seen.map((one) => one.behind));
  const ahead = Math.max(...seen.map((one) => one.ahead));
  const off = Math.max(behind, ahead);
  if (off <= patienceSeconds) {
    const last = Math.max(...seen.map(({ changed }) => changed));
    return [ok(`as far as the last exchange shows, ${span(Math.max(0, now - last * 1000))} ago`)];
  }
  return [
    critical(
      `this Mac's clock is at least ${span(off * 1000)} ${behind > ahead ? 'behind' : 'ahead of'} the server's`,
      run(
        'here',
        ['date -u MMDDhhmmCCYY'],
        'Compare what `date -u` prints here and on the server, and set the one that is wrong, better by a time server (macOS: `sntp -sS time.apple.com`; Linux: `timedatectl set-ntp true`) than by hand: ',
      ),
    ),
  ];
}

export const clockCheck: Check<SyncFacts> = {
  name: 'clock',
  about:
    "This Mac's clock and the server's agree to a minute, as far as the last exchange of snapshots shows",
  judge: ({ config, tree, onServer, now }) =>
    judging(both(both(config, tree), both(onServer, now)), ([[settings, datasets], [all, at]]) =>
      judgeClock(homesBelow(settings.local.root, datasets), settings, all, at),
    ),
};
