import { RoamhomeError } from '../../errors/errors.ts';
import { fileChanges, readEntry } from '../entry.ts';
import { parsePublicKey, type PublicKey } from '../key/public-key.ts';
import type { Machine } from '../machine.ts';
import { toDo, type Change, type Task } from '../task.ts';

/** Both halves at once, the private one last and under its name only when it is whole: DIRECTORY COMMENT. */
const makeScript = [
  'umask 077',
  'new=$(mktemp -d "$1/.roamhome.XXXXXXXX") || exit 1',
  'trap \'rm -rf "$new"\' EXIT',
  "trap 'exit 1' HUP INT TERM",
  'ssh-keygen -q -t ed25519 -N "" -C "$2" -f "$new/key" </dev/null || exit 1',
  'chmod 644 "$new/key.pub" && sync',
  'mv -f "$new/key.pub" "$1/id_ed25519.pub" && mv -f "$new/key" "$1/id_ed25519"',
].join('; ');

/** The key pair of this Mac, in a directory that is there by then; root's alone. One that is there is kept. */
export function keyPairTask(machine: Machine, directory: string, mac: string): Task {
  const path = `${directory}/id_ed25519`;
  return {
    title: 'the key pair of this Mac',
    machine,
    look: async (signal) => {
      const entry = await readEntry(machine.host, path, signal);
      if (entry === null)
        return toDo({
          ...{ kind: 'run', does: `make the key pair ${path}` },
          argv: ['sh', '-c', makeScript, 'sh', directory, `roamhome ${mac}`],
        });
      const key = await publicHalf(machine, directory, signal);
      const isRoots = entry.uid === '0' && entry.gid === '0';
      const own: Change = { kind: 'run', does: `give ${path} to root`, argv: ['chown', '-h', '0:0', path] };
      const close: Change = {
        kind: 'run',
        does: `let nobody else read ${path}`,
        argv: ['chmod', '0600', path],
      };
      const there = await readEntry(machine.host, `${path}.pub`, signal);
      const isSame = there?.text.startsWith(`${key.type} ${key.base64} `) === true;
      const text = isSame ? there.text : `${key.type} ${key.base64} roamhome ${mac}\n`;
      return toDo(
        ...(isRoots ? [] : [own]),
        ...(entry.mode === 0o600 ? [] : [close]),
        ...fileChanges(there, { path: `${path}.pub`, text, mode: 0o644, owner: 'root' }),
      );
    },
  };
}

/** The public half, from the private one. Throws `key-unusable`. */
async function publicHalf(machine: Machine, directory: string, signal: AbortSignal): Promise<PublicKey> {
  const path = `${directory}/id_ed25519`;
  const result = await machine.host.run(['ssh-keygen', '-y', '-P', '', '-f', path], { signal });
  if (result.exitCode === 0) return parsePublicKey(result.stdout);
  throw new RoamhomeError({
    code: 'key-unusable',
    message: `${path} on ${machine.name} is no private key without a passphrase: ${result.stderr.trim().replaceAll(/\s+/g, ' ').slice(0, 200)}`,
    remedy: 'Look at what it is, move it away, and run this again: a new pair is made then.',
  });
}

/** The public key of this Mac; null when there is none yet. */
export async function findPublicKey(
  machine: Machine,
  directory: string,
  signal: AbortSignal,
): Promise<PublicKey | null> {
  const entry = await readEntry(machine.host, `${directory}/id_ed25519`, signal);
  return entry === null ? null : publicHalf(machine, directory, signal);
}
