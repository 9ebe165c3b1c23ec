import { run } from './lab.ts';

const home = 'data/profiles/alice';

/** A push as that of a Mac that lost its power: it stands still after 4 of 8 MiB, and the server does not know yet. For its sh. */
export const standStill = `
  base=$(zfs list -Hpo name -t snapshot -s createtxg ${home} | tail -n 1)
  zfs mount ${home}
  head -c 8M /dev/urandom > /Users/alice/new
  zfs unmount ${home}
  zfs snapshot ${home}@new
  (zfs send -L -e -c -i "$base" ${home}@new | head -c 4M; exec sleep 1234) |
    ssh -i /etc/roamhome/id_ed25519 -o UserKnownHostsFile=/etc/roamhome/known_hosts zfs_mobile_sync@server \\
      zfs receive -u -s ${home}`;

/** Whether the server has a part of a stream for the home. */
export async function serverHasToken(): Promise<boolean> {
  return (await run('server', 'zfs', 'get', '-Hpo', 'value', 'receive_resume_token', home)) !== '-\n';
}

export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 200));
}
