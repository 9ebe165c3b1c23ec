import { exec, fileOf, installed, lab, put, reset, sh, type LabHost } from './lab.ts';

/** A Mac of the lab. */
export type Mac = 'mac-a' | 'mac-b';

export const macs: readonly Mac[] = ['mac-a', 'mac-b'];

/** How far a side's copy of a home has come; null: it has none. Each side's line leaves the other's after `common`. */
export interface Line {
  readonly mac: 'common' | 'mac2' | null;
  readonly server: 'common' | 'server2' | null;
  /** With a dataset below the home. */
  readonly children?: boolean;
  /** What the Mac has that is in no snapshot: an edit, or only the traces of a mount. */
  readonly unsaved?: 'edit' | 'mount';
  /** The common snapshot is gone from the server, or only its bookmark is left. */
  readonly thinned?: 'bookmark' | 'gone';
  /** An interrupted receive, of the Mac's own line or of another's. */
  readonly partial?: 'mac' | 'server' | 'server, another Mac';
}

const ready = 'lines-ready';
const users = 40;
const userNames = Array.from({ length: users }, (_, i) => `u${String(i).padStart(2, '0')}`);

/** Files with names of their own for each step, so that what a dataset holds tells which it has seen. */
const step = (name: string): string =>
  `for below in '' /mail; do head -c 300000 /dev/urandom >/line$below/${name}; done; chown -R 2001:2100 /line
   zfs snapshot -r data/line@${name}`;

/** As Roamhome names a snapshot of that Mac: what waits of a stream of it is known as that Mac's. */
const firstOf = (mac: Mac): string => `roamhome-20261101T120000.000Z-${mac}`;

/** As Roamhome sends it: it resumes no stream of another kind. */
const send = 'zfs send -L -e -c -i @common';

const streamTo = (name: string): string => `/opt/roamhome-test/${name}.stream`;

/**
 * On every host a dataset `data/line` with a dataset below it, which have `common` in common and two snapshots of the
 * host's own after it; users for whom they are copied. Saved.
 */
export async function saveLines(): Promise<void> {
  await reset(installed);
  const everywhere = ['server', ...macs] as const;
  await Promise.all(
    everywhere.map((host) =>
      sh(
        host,
        `mkdir -p /opt/roamhome-test
         for user in ${userNames.join(' ')}; do
           echo "$user:x:2001:2100::/Users/$user:/bin/sh" >>/etc/passwd
         done`,
      ),
    ),
  );
  await sh(
    'server',
    `zfs create -o mountpoint=/line data/line; zfs create data/line/mail; ${step('common')}
     zfs send data/line@common >${streamTo('common')}; zfs send data/line/mail@common >${streamTo('common-mail')}
     # A resume token names the dataset that its stream was made of.
     zfs allow -u zfs_mobile_sync send,hold data/line`,
  );
  for (const mac of macs) {
    for (const [name, dataset] of [
      ['common', 'data/line'],
      ['common-mail', 'data/line/mail'],
    ] as const) {
      await copyFile('server', mac, streamTo(name));
      await sh(mac, `zfs receive -u ${dataset} <${streamTo(name)}`);
    }
    await sh(mac, 'zfs set mountpoint=/line data/line; zfs mount -a');
    await put(mac, '/opt/roamhome-test/kill-at.cjs', await fileOf('test/e2e/guest/kill-at.cjs'));
  }
  await Promise.all([
    sh('server', `${step('server1')}; ${step('server2')}; ${send} data/line@server1 >${streamTo('server1')}`),
    ...macs.map((mac) =>
      sh(mac, `${step(firstOf(mac))}; ${step('mac2')}; ${send} data/line@${firstOf(mac)} >${streamTo(mac)}`),
    ),
  ]);
  for (const mac of macs) {
    await copyFile(mac, 'server', streamTo(mac));
    await copyFile('server', mac, streamTo('server1'));
  }
  await Promise.all(everywhere.map((host) => sh(host, 'zfs unmount data/line')));
  await lab('save', ready);
}

export async function resetToLines(): Promise<void> {
  await reset(ready);
}

/** Base64 on the way: what a guest prints is read as text. */
async function copyFile(from: LabHost, to: LabHost, path: string): Promise<void> {
  const text = await sh(from, `base64 ${path}`);
  await put(to, path, Buffer.from(text, 'base64'));
}

const copy = (line: Line, last: string, user: string, mountpoint: string): string =>
  (line.children === true ? ['', '/mail'] : [''])
    .map(
      (below) =>
        `zfs send data/line${below}@common | zfs receive -u -o canmount=noauto ${below === '' ? mountpoint : ''} data/profiles/${user}${below}
         ${last === 'common' ? '' : `zfs send -I @common data/line${below}@${last} | zfs receive -u data/profiles/${user}${below}`}`,
    )
    .join('\n');

const cutShort = (stream: string, user: string): string =>
  `head -c 200000 ${stream} | zfs receive -u -s data/profiles/${user} 2>/dev/null || true`;

/** Makes the home of each of these users on the Mac and on the server what the line says. */
export async function makeHomes(line: Line, mac: Mac, names: readonly string[]): Promise<void> {
  const onMac = (user: string): string => {
    const home = `data/profiles/${user}`;
    return [
      line.mac === null ? '' : copy(line, line.mac, user, `-o mountpoint=/Users/${user}`),
      line.unsaved === undefined ? '' : `zfs mount ${home}`,
      line.unsaved === 'edit'
        ? `echo ${user} >/Users/${user}/unsaved; chown 2001:2100 /Users/${user}/unsaved`
        : '',
      line.unsaved === undefined ? '' : `zfs unmount ${home}`,
      line.partial === 'mac' ? cutShort(streamTo('server1'), user) : '',
    ].join('\n');
  };
  const onServer = (user: string): string => {
    const home = `data/profiles/${user}`;
    const others = macs.find((other) => other !== mac) ?? mac;
    return [
      line.server === null ? '' : copy(line, line.server, user, ''),
      ...(line.thinned === undefined ? [] : line.children === true ? ['', '/mail'] : ['']).map(
        (below) =>
          `${line.thinned === 'bookmark' ? `zfs bookmark ${home}${below}@common ${home}${below}#common` : ''}
           zfs destroy ${home}${below}@common`,
      ),
      line.partial === 'server' ? cutShort(streamTo(mac), user) : '',
      line.partial === 'server, another Mac' ? cutShort(streamTo(others), user) : '',
    ].join('\n');
  };
  await Promise.all([sh(mac, names.map(onMac).join('\n')), sh('server', names.map(onServer).join('\n'))]);
}

export const userName = (index: number): string => {
  const name = userNames[index];
  if (name === undefined) throw new Error(`more than ${users} commands: make more users`);
  return name;
};

/** `dataset[@#]name guid` of everything below the pool's roots, on one host. */
export async function versionsOn(host: LabHost): Promise<ReadonlyMap<string, string>> {
  const ran = await exec(host, ['zfs', 'list', '-Hpro', 'name,guid', '-t', 'snapshot,bookmark', 'data']);
  if (ran.code !== 0) throw new Error(ran.stderr);
  const pairs = ran.stdout.split('\n').filter((line) => line !== '');
  return new Map(pairs.map((pair) => pair.split('\t') as [string, string]));
}
