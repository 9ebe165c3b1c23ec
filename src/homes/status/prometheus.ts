import { levels, type Level } from '../../format/level.ts';
import type { HomeStatus, SyncState } from './home-status.ts';
import type { SeenMac } from './seen-macs.ts';

const states: readonly SyncState[] = [
  'in-sync',
  'pending',
  'behind',
  'diverged',
  'unclear',
  'only-server',
  'unknown',
];

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [labels: Labels, value: number];

/** What a textfile tells. */
export interface Measured {
  readonly homes: readonly HomeStatus[];
  readonly macs: readonly SeenMac[];
  readonly level: Level;
  /** null: it was not asked. */
  readonly serverReachable: boolean | null;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** A textfile for node_exporter, in Prometheus's text format; times in seconds. Pure. */
export function prometheusText({ homes, macs, level, serverReachable, now }: Measured): string {
  const each = (sample: (home: HomeStatus) => readonly Sample[]): readonly Sample[] => homes.flatMap(sample);
  const sides = (value: (side: NonNullable<HomeStatus['local']>) => number): readonly Sample[] =>
    each(({ user, local, server }) =>
      (['local', 'server'] as const).flatMap((side): readonly Sample[] => {
        const status = side === 'local' ? local : server;
        return status === null ? [] : [[{ user, side }, value(status)]];
      }),
    );
  const metrics: readonly (readonly [name: string, help: string, samples: readonly Sample[]])[] = [
    ['status_timestamp_seconds', 'When this was written.', [[{}, Math.floor(now / 1000)]]],
    ['status_level', '0 ok, 1 warning, 2 critical, 3 unknown.', [[{}, levels[level]]]],
    [
      'server_reachable',
      'Whether the server answered.',
      serverReachable === null ? [] : [[{}, Number(serverReachable)]],
    ],
    [
      'home_state',
      '1 for how the home stands on the two sides.',
      each(({ user, state }) => states.map((one): Sample => [{ user, state: one }, Number(one === state)])),
    ],
    [
      'home_last_sync_timestamp_seconds',
      'When the newest snapshot was made that both sides have.',
      each(({ user, lastSync }) => (lastSync === null ? [] : [[{ user }, lastSync.at / 1000]])),
    ],
    [
      'home_head_timestamp_seconds',
      'When the newest snapshot of a side was made.',
      each(({ user, local, server }) =>
        [
          { side: 'local', head: local?.head ?? null },
          { side: 'server', head: server?.head ?? null },
        ].flatMap(({ side, head }): readonly Sample[] =>
          head === null ? [] : [[{ user, side }, head.at / 1000]],
        ),
      ),
    ],
    [
      'home_unsent_snapshots',
      'Snapshots that the server lacks.',
      each(({ user, unsent }) => [[{ user }, unsent]]),
    ],
    [
      'home_pending_since_timestamp_seconds',
      'Since when the home waits to be sent.',
      each(({ user, pendingSince }) =>
        pendingSince === null ? [] : [[{ user }, Math.floor(pendingSince / 1000)]],
      ),
    ],
    [
      'home_conflicts',
      'Conflicts on this machine that nobody has dealt with.',
      each(({ user, conflicts, waiting }) => [[{ user }, conflicts.length + waiting.length]]),
    ],
    [
      'home_logged_in',
      'Whether a session record is on the server.',
      each(({ user, session }) => [[{ user }, Number(session !== null)]]),
    ],
    [
      'home_session_since_timestamp_seconds',
      'Since when a user is logged in, by the record on the server.',
      each(({ user, session }) =>
        session?.kind === 'known' ? [[{ user, mac: session.macName }, session.since.getTime() / 1000]] : [],
      ),
    ],
    [
      'home_session_arrived_timestamp_seconds',
      'When the newest snapshot was made that the server has of that session.',
      each(({ user, session, arrived }) =>
        session?.kind === 'known' && arrived !== null
          ? [[{ user, mac: session.macName }, arrived.at / 1000]]
          : [],
      ),
    ],
    [
      'mac_seen_timestamp_seconds',
      'When the server saw a Mac last: its newest snapshot or login.',
      macs.map(({ macName, lastSeen }): Sample => [{ mac: macName }, Math.floor(lastSeen / 1000)]),
    ],
    ['home_mounted', 'Whether the home is mounted.', sides(({ mounted }) => Number(mounted))],
    ['home_used_bytes', 'Space that the home takes with its snapshots.', sides(({ usedBytes }) => usedBytes)],
    ['home_snapshots', 'Snapshots of the home.', sides(({ snapshots }) => snapshots)],
  ];
  return metrics
    .filter(([, , samples]) => samples.length > 0)
    .map(([name, help, samples]) => {
      const metric = `roamhome_${name}`;
      const lines = samples.map(([labels, value]) => `${metric}${labelsText(labels)} ${value}\n`);
      return `# HELP ${metric} ${help}\n# TYPE ${metric} gauge\n${lines.join('')}`;
    })
    .join('');
}

function labelsText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
