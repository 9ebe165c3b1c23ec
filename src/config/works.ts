import { concerns, type LoadedConfig } from './merge.ts';
import { ConfigInvalidError } from './mistakes.ts';

const server = [
  ...['server.address', 'server.port', 'server.user', 'server.identityFile', 'server.knownHostsFile'],
  'server.root',
];
const here = ['local.root', 'local.conflictsRoot', 'local.homeBase', 'local.stateDir', 'local.macName'];

/**
 * What a command is about to do, and the settings (or groups of them) without which it is not done: where one of them is
 * wrong, no other value takes its place. What is not named goes on with the value that stands in. A login's mount and a
 * logout's snapshot need none; neither does looking at things.
 */
const needs = {
  look: [],
  session: [],
  'ask-server': server,
  // What is said of homes comes with commands for them, which are not to be made of a place that nobody chose.
  'judge-homes': ['local.root', 'local.homeBase'],
  send: [
    ...server,
    ...[
      'server.conflictsRoot',
      'policies.sendFlags',
      'local.homeKeyDirectory',
      'local.macName',
      'local.root',
    ],
    'syncGroup',
  ],
  'thin-mac': [...server, 'role', 'thinning', 'local.root', 'local.stateDir'],
  'thin-server': [
    'role',
    'server.address',
    'server.root',
    'server.conflictsRoot',
    'server.user',
    'thinning',
    'local.stateDir',
  ],
  'explain-schedule': ['thinning'],
  tend: [
    'role',
    'server.address',
    'server.root',
    'server.conflictsRoot',
    'limits.partialIdleSeconds',
    'limits.partialDays',
    'local.stateDir',
  ],
  // What makes, mounts or destroys datasets at a person's word: conflicts, restore, rollback, exclude.
  change: [...here, 'role', 'server', 'syncGroup'],
  authorise: ['server.user', 'server.root', 'server.conflictsRoot'],
  'provision-machine': [...here, 'server', 'syncGroup', 'roots'],
  'provision-users': [...here, 'server', 'syncGroup', 'directory'],
  install: ['jobs', 'local.spoolDir', 'local.stateDir', 'local.macName', 'progress'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** What is about to be done. */
export type Work = keyof typeof needs;

/** Null when the work can rely on its settings; else which of them are wrong. Pure. */
export function refusalOf(
  work: Work,
  { mistakes, replaced }: Pick<LoadedConfig, 'mistakes' | 'replaced'>,
): ConfigInvalidError | null {
  const wanted: readonly string[] = needs[work];
  const wrong = [...replaced].filter((dotted) =>
    wanted.some((key) => key === dotted || dotted.startsWith(`${key}.`)),
  );
  const guilty = mistakes.filter((mistake) => wrong.some((dotted) => concerns(mistake, dotted)));
  return guilty.length === 0 ? null : new ConfigInvalidError(guilty);
}
