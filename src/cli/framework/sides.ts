/** Where a command's work is: on Macs and workstations, on the server, or wherever it is called. */
export type Side = 'mac' | 'server' | 'both';

/** What a command line says besides its words. */
export type Flags = Readonly<Record<string, unknown>>;

type Rule = Side | ((flags: Flags) => Side);

/** `--server`: this is the server. */
const bySwitch =
  (without: Side): Rule =>
  ({ server }) =>
    server === true ? 'server' : without;

/** On the server, unless `--host` names it. */
const onServer: Rule = ({ host }) => (host === undefined ? 'server' : 'both');

/**
 * Each command by its words, with the side that it belongs to; a command that is not named here is not run. What is the same
 * on both sides, and what finds out where it is, is `both`.
 */
export const sides: Readonly<Record<string, Rule>> = {
  login: 'mac',
  logout: 'mac',
  checkpoint: 'mac',
  push: 'mac',
  status: bySwitch('both'),
  snapshots: 'mac',
  versions: 'mac',
  diff: 'mac',
  restore: 'mac',
  // Of any dataset, such as a server's Time Machine target.
  rollback: 'both',
  'conflicts list': 'both',
  'conflicts show': 'both',
  'conflicts diff': 'mac',
  'conflicts restore': 'mac',
  'conflicts discard': bySwitch('both'),
  'exclude add': 'mac',
  'exclude remove': 'mac',
  'exclude list': 'mac',
  tend: 'server',
  thin: bySwitch('mac'),
  'schedule explain': 'both',
  // These two look at the machine that they set up.
  'provision server': 'both',
  'provision client': 'both',
  'provision role': 'both',
  'provision key add': onServer,
  'provision key list': onServer,
  'provision key revoke': onServer,
  'provision user add': onServer,
  'provision user list': onServer,
  'provision user move': onServer,
  'provision user remove': onServer,
  install: bySwitch('mac'),
  uninstall: 'both',
  'watch-console': 'mac',
  notify: 'mac',
  doctor: bySwitch('both'),
  'config show': 'both',
  'config get': 'both',
  'config set': 'both',
  'config check': 'both',
  'config path': 'both',
  completion: 'both',
  man: 'both',
};

/** What destroys on the server: not without proof that this is it. */
export const wantsProof: ReadonlySet<string> = new Set(['thin', 'tend', 'conflicts discard']);

/** The command that a line's words name; null: none that is known. Pure. */
export function commandOf(words: readonly (string | number)[]): string | null {
  for (let count = Math.min(3, words.length); count > 0; count--) {
    const command = words.slice(0, count).join(' ');
    if (Object.hasOwn(sides, command)) return command;
  }
  return null;
}

/** The side that this command line belongs to. Pure. */
export function sideOf(command: string, flags: Flags): Side {
  const rule = sides[command] ?? 'both';
  return typeof rule === 'function' ? rule(flags) : rule;
}
