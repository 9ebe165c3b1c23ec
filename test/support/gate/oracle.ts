import { inflateSync } from 'node:zlib';
import type { Policy } from '../../../src/gate/policy.ts';

// What docs/security.md says that passes the gate, written down a second time, from there and without a line of src/gate: one
// expression for a whole command line.

const quoted = (text: string): string => text.replaceAll(/[.+]/g, String.raw`\$&`);

/** One part of a dataset's name, as valid_char() of OpenZFS's zfs_namecheck.c has it; a space is no plain word. */
const part = String.raw`(?!\.\.?(?:[/@#\s]|$))[A-Za-z0-9_.:-]+`;
const below = `(?:/${part})*`;
/** Not a dataset that stays on each Mac. */
const kept = String.raw`(?!\S*/roamhome-excluded-)`;
const stamp = String.raw`\d{8}T\d{6}Z(?:-\d{1,20})?`;
const anyUser = String.raw`[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}`;
const column = `(?:name|type|guid|createtxg|creation|written|used|snapshots_changed|receive_resume_token|origin|mounted|mountpoint|canmount|readonly|roamhome:(?:sync|sendflags|session|conflict|excluded))`;
const columns = `${column}(?:,${column})*`;

/** The users that a line is about must be one and the same: each is caught in a group of its own. */
function lineOf(policy: Policy): RegExp {
  const [homes, conflicts, mac] = [policy.homes, policy.conflicts, policy.mac].map(quoted) as [
    string,
    string,
    string,
  ];
  const user = policy.users.includes('*') ? anyUser : `(?:${policy.users.map(quoted).join('|')})`;
  const home = `${homes}/${user}`;
  const readable = `(?:${home}${below}|${conflicts}/${user}-${part}-${stamp}${below}|${conflicts}/${user}--${stamp}${below})`;
  const place = `(?:${homes}|${conflicts}|${readable})`;
  const read = [
    `list -Hp -t filesystem,snapshot,bookmark -o ${columns} -s createtxg -r ${place}`,
    `allow (?:${homes}|${conflicts})`,
    `list -Hp -t (?:filesystem,)?snapshot,bookmark -o ${columns} -r ${place}(?: ${place})*`,
    `list -Hp -o ${columns} ${place}`,
    `send -P -v(?: -L -e -c| -w)?(?: -i ${readable}[@#]${part}| -I ${readable}@${part})? ${readable}@${part}`,
    'send -P -v -t (?<token>1-[0-9a-f]{1,16}-[0-9a-f]{1,4}-(?:[0-9a-f]{2})+)',
  ];
  const branch = (group: string): string =>
    `${kept}${conflicts}/(?<${group}>${user})-${mac}-${stamp}${below}(?:@${part})?`;
  const option = (n: number): string =>
    `-o (?:origin=${homes}/(?<origin${n}>${user})${below}@${part}|roamhome:conflict=(?<marked${n}>${user}))`;
  const append = [
    `receive -u -s (?:${kept}${home}${below}(?:@${part})?|${branch('branch1')})`,
    `receive -u -s -o roamhome:sendflags=(?:none|Lec|w) ${kept}${home}(?:@${part})?`,
    String.raw`snapshot ${home}${below}@roamhome-as-\d{1,20}`,
    `receive -u -s ${option(1)}(?: ${option(2)})? ${branch('branch2')}`,
    String.raw`set (?:roamhome:session=${mac},\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ|roamhome:sendflags=(?:none|Lec|w)|roamhome:excluded=(?<excluded>[A-Za-z0-9_.%,/-]+)) ${home}`,
    `inherit roamhome:session ${home}`,
  ];
  const forms = policy.mode === 'append' ? [...read, ...append] : read;
  return new RegExp(`^zfs (?:${forms.join('|')})$`);
}

/** A path below a home, every byte but those of plain names as %XX. */
function isFolder(entry: string): boolean {
  try {
    const path = decodeURIComponent(entry);
    const again = encodeURIComponent(path)
      .replaceAll('%2F', '/')
      .replaceAll(/[!'()*~]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
    const names = path.split('/');
    return (
      again === entry &&
      !path.includes('\0') &&
      Buffer.byteLength(path) <= 512 &&
      names.every(
        (name) => !/^(?:|\.|\.\.|\.zfs|\.roamhome-.*)$/s.test(name) && Buffer.byteLength(name) <= 255,
      )
    );
  } catch {
    return false;
  }
}

const lines = new Map<Policy, RegExp>();

/** Whether a command line may pass with this policy. */
export function mayPass(line: string, policy: Policy): boolean {
  const expression = lines.get(policy) ?? lineOf(policy);
  lines.set(policy, expression);
  if (line.length > 131_072) return false;
  const groups = expression.exec(line)?.groups;
  if (groups === undefined) return false;
  const { token, excluded, ...users } = groups as Readonly<Record<string, string | undefined>>;
  if (token !== undefined && !tokenMayPass(token, policy)) return false;
  if (excluded !== undefined && excluded !== 'none' && !excluded.split(',').every(isFolder)) return false;
  const named = new Set(Object.values(users).filter((user) => user !== undefined));
  return named.size <= 1 && line.split(' ').every(isNameInBounds) && isRealTime(line);
}

/** 255 bytes and 50 parts (ZFS_MAX_DATASET_NAME_LEN, zfs_max_dataset_nesting). */
function isNameInBounds(word: string): boolean {
  // Paths in a home, which have bounds of their own.
  if (!word.includes('/') || word.startsWith('roamhome:excluded=')) return true;
  const name = word.replace(/^origin=/, '');
  const dataset = name.replace(/[@#].*$/, '');
  return name.length <= 255 && dataset.split('/').length <= 50;
}

function isRealTime(line: string): boolean {
  const [, time] = /^zfs set roamhome:session=[^,]*,(\S+) /.exec(line) ?? [];
  return time === undefined || !Number.isNaN(Date.parse(time));
}

/** The name in it by another way than the gate's: where it has to be in what zlib gives, and nothing else that names something. */
function tokenMayPass(token: string, policy: Policy): boolean {
  let packed: string;
  try {
    packed = inflateSync(Buffer.from(token.split('-')[3] ?? '', 'hex')).toString('latin1');
  } catch {
    return false;
  }
  const names = packed.split('toname\0').slice(1);
  if (names.length !== 1 || /redact|savedok/.test(packed)) return false;
  const [snapshot = ''] = (names[0] ?? '').replace(/^\0*/, '').split('\0', 1);
  return mayPass(`zfs send -P -v ${snapshot}`, { ...policy, mode: 'read' });
}
