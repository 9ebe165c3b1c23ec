import { basename } from 'node:path';

/** zfs_mobile_sync's, which Roamhome replaces: called besides, they destroy on the server what other Macs have sent. */
const olderScripts: readonly string[] = ['zfs_receive_from_server.sh', 'zfs_send_to_server.sh'];

/** What such a script does, whatever it is called. hooks/session-hook.sh looks for the same. */
const olderWords =
  /zfs_receive_from_server\.sh|zfs_send_to_server\.sh|zfs (?:receive|recv)|zfstimemachinebackup/;

/** Whether a hook does what Roamhome does, so that both must not run. `text`: what is in it; null: it cannot be read. Pure. */
export function isOlderHook(path: string, text: string | null): boolean {
  return olderScripts.includes(basename(path)) || (text !== null && olderWords.test(text));
}
