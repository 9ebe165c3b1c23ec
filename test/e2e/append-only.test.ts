import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { exec, installed, reset, sh } from './lab.ts';
import { createHome, login, logout } from './roam.ts';
import { sideOf } from './unchanged.ts';

const home = 'data/profiles/alice';
const other = 'data/profiles-conflicts/alice-mac-a-old';

interface Attempt {
  /** As docs/security.md calls it. */
  readonly what: string;
  /** The server's command, with the snapshots of the home as @1 and @2. */
  readonly zfs: string;
  /** A stream for it, made on the Mac. */
  readonly stream?: string;
}

const attempts: readonly Attempt[] = [
  { what: 'destroy the newest snapshot', zfs: `destroy ${home}@2` },
  { what: 'destroy an old snapshot', zfs: `destroy -R ${home}@1` },
  { what: 'destroy a range of snapshots', zfs: `destroy -R ${home}@1%2` },
  { what: 'destroy a bookmark', zfs: `destroy ${home}#mark` },
  { what: 'destroy the home', zfs: `destroy -R ${home}` },
  { what: 'destroy a branch', zfs: `destroy -r ${other}` },
  { what: 'roll back', zfs: `rollback -r ${home}@1` },
  { what: 'rename the home', zfs: `rename ${home} data/profiles/gone` },
  { what: 'rename a snapshot', zfs: `rename ${home}@2 ${home}@gone` },
  { what: 'promote a branch over the home', zfs: `promote ${other}` },
  { what: 'set a native property', zfs: `set mountpoint=/tmp/alice ${home}` },
  { what: 'limit the home', zfs: `set quota=1M ${home}` },
  { what: 'inherit a native property', zfs: `inherit mountpoint ${home}` },
  { what: 'release a hold of root', zfs: `release kept ${home}@1` },
  { what: 'give itself more rights', zfs: `allow zfs_plain destroy ${home}` },
  { what: "give up another Mac's interrupted receive", zfs: 'receive -A data/profiles/bob' },
  {
    what: 'receive -F over the home',
    zfs: `receive -F -u ${home}`,
    stream: `zfs send -i ${home}@1 ${home}@3`,
  },
  {
    what: 'receive -F of a full stream',
    zfs: `receive -F -u ${home}`,
    stream: 'zfs send data/profiles/evil@3',
  },
  {
    what: 'receive a full stream over the home',
    zfs: `receive -u ${home}`,
    stream: 'zfs send data/profiles/evil@3',
  },
  {
    what: 'receive an increment that the home has moved on from',
    zfs: `receive -u ${home}`,
    stream: `zfs send -i ${home}@1 ${home}@3`,
  },
  {
    what: 'receive -F of a replication stream that destroys',
    zfs: `receive -F -u ${home}`,
    stream: 'zfs send -R data/profiles/evil@3',
  },
];

const ssh =
  'ssh -o BatchMode=yes -o UserKnownHostsFile=/etc/roamhome/known_hosts -i /etc/roamhome/id_ed25519 zfs_plain@server';

/** Makes the attempt with the Mac's own key, past any restricted shell; what the server said. */
async function attempt({
  zfs,
  stream,
}: Attempt): Promise<{ readonly code: number | null; readonly said: string }> {
  const input = stream === undefined ? '' : `${stream} | `;
  const ran = await exec('mac-a', ['sh', '-c', `${input}${ssh} zfs ${zfs}`]);
  const said = `${ran.stdout}${ran.stderr}`
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' ');
  return { code: ran.code, said: anyExample(said) };
}

/** ZFS names one of the snapshots in the way, and which one differs from pool to pool: it is the first by a salted hash. */
function anyExample(said: string): string {
  return said.replace(/\(eg\. \S+@\S+\)/, '(eg. one of its snapshots)');
}

/** A home with two snapshots on both sides, a bookmark, a hold of root's, a branch; on the Mac a line to replace it with. */
async function prepare(): Promise<void> {
  await reset(installed);
  await createHome('mac-a');
  await logout('mac-a');
  await login('mac-a');
  await sh('mac-a', 'echo more >>/Users/alice/greeting');
  await logout('mac-a');
  await sh(
    'server',
    `set -- $(zfs list -Ho name -t snapshot -s createtxg ${home})
     zfs rename "$1" ${home}@1; zfs rename "$2" ${home}@2
     zfs bookmark ${home}@1 ${home}#mark
     zfs hold kept ${home}@1
     zfs clone -o canmount=noauto ${home}@1 ${other}; zfs snapshot ${other}@x`,
  );
  await sh(
    'mac-a',
    `set -- $(zfs list -Ho name -t snapshot -s createtxg ${home})
     zfs rename "$1" ${home}@1; zfs rename "$2" ${home}@2
     zfs rollback -r ${home}@1; zfs mount ${home}; echo evil >/Users/alice/greeting; zfs unmount ${home}; zfs snapshot ${home}@3
     zfs create -o mountpoint=/evil data/profiles/evil; echo evil >/evil/greeting; zfs snapshot data/profiles/evil@3
     head -c 3000000 /dev/urandom >/evil/bulk; zfs snapshot data/profiles/evil@4
     zfs send data/profiles/evil@4 | head -c 1000000 | ${ssh} zfs receive -u -s data/profiles/bob || true`,
  );
}

/** The rows of the table in docs/security.md under the heading. */
async function documented(heading: string): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(new URL('../../docs/security.md', import.meta.url), 'utf8');
  const section = text.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const rows = [...section.matchAll(/^\| (.+?) +\| `(.+?)` +\|$/gm)];
  return new Map(rows.map(([, what = '', said = '']) => [what, anyExample(said)]));
}

describe.each([
  ['With `receive:append`', ''],
  [
    'Without `receive:append`, with holds on the heads',
    `for root in data/profiles data/profiles-conflicts; do
       zfs unallow -u zfs_plain receive:append $root; zfs allow -u zfs_plain receive $root
     done
     zfs hold roamhome ${home}@2; zfs hold roamhome ${other}@x`,
  ],
])('%s', (heading, setUp) => {
  beforeAll(async () => {
    await prepare();
    if (setUp !== '') await sh('server', setUp);
  });

  test('every way to remove or to rewrite is refused, in the words of docs/security.md', async () => {
    const before = await sideOf('server');
    const said: Record<string, string> = {};
    for (const one of attempts) {
      const outcome = await attempt(one);
      expect(outcome.code, `${one.what}: ${outcome.said}`).not.toBe(0);
      expect(outcome.said, one.what).not.toBe('');
      said[one.what] = outcome.said;
    }
    if (process.env['ROAMHOME_PRINT'] !== undefined)
      process.stdout.write(
        `## ${heading}\n${Object.entries(said)
          .map(([what, words]) => `| ${what} | \`${words}\` |`)
          .join('\n')}\n`,
      );
    expect(said).toEqual(Object.fromEntries(await documented(heading)));
    expect(await sideOf('server')).toEqual(before);
  });
});
