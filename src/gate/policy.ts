import { isPlainWord } from '../host/remote-words.ts';
import { isUserName, parseDatasetName, type DatasetName } from '../zfs/names.ts';

/** What one key may do: root's file on the server, one for each Mac. */
export interface Policy {
  /** The name that the Mac goes by (its `local.macName`). */
  readonly mac: string;
  /** The dataset of the homes (`server.root`). */
  readonly homes: DatasetName;
  /** The dataset of the branches (`server.conflictsRoot`). */
  readonly conflicts: DatasetName;
  /** `*`: every user. */
  readonly users: readonly string[];
  /** `read`: nothing is set or received. */
  readonly mode: 'append' | 'read';
  /** The zfs program; left out: where systems have it. */
  readonly zfs?: string;
}

const macName = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;

/** True when the key may have to do with the user's home. Pure. */
export function allowsUser({ users }: Policy, user: string): boolean {
  return isUserName(user) && (users.includes('*') || users.includes(user));
}

/** Reads a policy file. Throws with what is wrong with it: a mistake in it must never let more through. Pure. */
export function parsePolicy(text: string): Policy {
  const read: unknown = JSON.parse(text);
  if (typeof read !== 'object' || read === null || Array.isArray(read)) throw new Error('it is no object');
  const { mac, homes, conflicts, users, mode, zfs, ...others } = read as Readonly<Record<string, unknown>>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new Error(`${JSON.stringify(unknown)} is no setting of a policy`);
  if (typeof mac !== 'string' || !macName.test(mac)) throw new Error('"mac" is not the name of a Mac');
  if (mode !== 'append' && mode !== 'read') throw new Error('"mode" is neither "append" nor "read"');
  if (zfs !== undefined && (typeof zfs !== 'string' || !zfs.startsWith('/')))
    throw new Error('"zfs" is not an absolute path');
  const roots = { homes: rootOf('homes', homes), conflicts: rootOf('conflicts', conflicts) };
  if (isWithin(roots.homes, roots.conflicts) || isWithin(roots.conflicts, roots.homes))
    throw new Error('"homes" and "conflicts" lie one in the other');
  return { mac, ...roots, users: usersOf(users), mode, ...(zfs === undefined ? {} : { zfs }) };
}

/** True for the dataset itself and all below it. Pure. */
export function isWithin(name: string, root: string): boolean {
  return `${name}/`.startsWith(`${root}/`);
}

/** The word by which gate.js is a zfs behind lshell. */
export const behindShell = '--behind-lshell';

/** What it answers, without asking zfs: so it can be told from zfs (`cannot …: unrecognized command`, exit code 2). */
export const judgeQuestion = 'roamhome-judge';

/** Linux reads no more of the first line of a program (BINPRM_BUF_SIZE). */
const longestFirstLine = 254;

/**
 * The `zfs` that an account behind lshell finds first. env(1) starts with what the client set, and node with nothing; the loader's own
 * variables lshell refuses. Throws for paths that fit into no first line. Pure.
 */
export function shellZfsText({ node, gate }: Omit<GatePlaces, 'policy'>): string {
  const [nodeWord, gateWord] = gateCommand({ node, gate, policy: '/' });
  const line = `#!/usr/bin/env -S -i ${nodeWord ?? ''} ${gateWord ?? ''} ${behindShell}`;
  if (line.length > longestFirstLine) throw new Error(`the paths of node and the gate are too long: ${line}`);
  return `${line}\n# Written by \`roamhome provision server\`: lshell finds it before zfs.\n`;
}

function rootOf(setting: string, name: unknown): DatasetName {
  if (typeof name !== 'string') throw new Error(`"${setting}" is not the name of a dataset`);
  return parseDatasetName(name);
}

function usersOf(users: unknown): readonly string[] {
  const isList = (list: unknown): list is readonly unknown[] => Array.isArray(list) && list.length > 0;
  if (!isList(users)) throw new Error('"users" is not a list of names, nor ["*"]');
  const names = users.filter((name): name is string => typeof name === 'string' && isUserName(name));
  const isAll = users.length === 1 && users[0] === '*';
  if (!isAll && names.length < users.length) throw new Error('"users" holds what is not the name of a user');
  return isAll ? ['*'] : names;
}

/** Where the policy of a Mac's key is. Pure. */
export function policyPath(mac: string): string {
  return `/etc/roamhome/keys/${mac}.json`;
}

/** The text of a policy file, as `parsePolicy` reads it; throws where that would not take it. Pure. */
export function policyText(policy: Policy): string {
  const text = `${JSON.stringify(policy, null, 2)}\n`;
  parsePolicy(text);
  return text;
}

/** Where the parts of a forced command lie, as absolute paths. */
export interface GatePlaces {
  readonly node: string;
  /** `dist/gate.js` of the installed package. */
  readonly gate: string;
  readonly policy: string;
}

/**
 * The words of the forced command of a key (`command="…"` of authorized_keys), to be joined by spaces. The account's
 * shell reads them, so that all must be plain words; throws for a path that is none. Pure.
 */
export function gateCommand({ node, gate, policy }: GatePlaces): readonly string[] {
  const words = [node, gate, policy];
  const bad = words.find((word) => !word.startsWith('/') || !isPlainWord(word));
  if (bad !== undefined)
    throw new Error(`${JSON.stringify(bad)} is not an absolute path of plain characters`);
  return words;
}
