import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Checked, Remedy } from '../../src/doctor/finding.ts';
import { exec, installed, lab, reset, sh, type LabHost } from './lab.ts';
import { createHome, logout } from './roam.ts';

type Patient = 'mac-a' | 'server';

interface Fault {
  readonly what: string;
  readonly on: Patient;
  /** A script that brings it about, on the patient or where `plantOn` says. */
  readonly plant: string;
  readonly plantOn?: LabHost;
  /** The check that has to find it, and nobody else but those that cannot look because of it. */
  readonly check: string;
  /** What stays unlooked at besides, for a reason of its own. */
  readonly hidden?: readonly string[];
  readonly options?: readonly string[];
  /** What a person fills in for the words in capitals. */
  readonly words?: Readonly<Record<string, () => string>>;
  /** Where the remedy is an edit: what a person types who does what it says. */
  readonly edit?: { readonly says: RegExp; readonly script: string };
  /** Left out unless ROAMHOME_EVERY_FAULT is set: the lab is slow, and another fault shows the same machinery. */
  readonly seldom?: true;
  /** What the cure leaves behind is taken away. */
  readonly after?: string;
}

const config = '/etc/roamhome/config.json';
const home = 'data/profiles/alice';
/** The lab is emulated, and may be slow: how long the server takes is not what is tested. */
const patient = ['--set', 'limits.connectSeconds=120', '--set', 'limits.stallSeconds=300'];
const ready = 'doctor-ready';
const small = ['--set', 'local.conflictsRoot=small/conflicts'];
const conflict = 'alice-mac-a-20261120T064500Z';

const faults: readonly Fault[] = [
  {
    what: 'the key can be read by others',
    on: 'mac-a',
    plant: 'chmod 644 /etc/roamhome/id_ed25519',
    check: 'key',
  },
  {
    what: "the key's directory can be changed by others",
    seldom: true,
    on: 'mac-a',
    plant: 'chmod 777 /etc/roamhome',
    check: 'key',
  },
  {
    what: 'the server shows another host key',
    on: 'mac-a',
    plant: `ssh-keygen -q -t ed25519 -N '' -f /root/other
      echo "server $(cut -d' ' -f1,2 /root/other.pub)" >/etc/roamhome/known_hosts`,
    check: 'host-key',
  },
  { what: 'no host key is known', on: 'mac-a', plant: 'rm /etc/roamhome/known_hosts', check: 'host-key' },
  {
    what: 'the settings can be written by others',
    on: 'mac-a',
    plant: `chmod 666 ${config}`,
    check: 'settings',
  },
  {
    what: 'a mistake in the settings',
    on: 'mac-a',
    plant: `sed -i 's/"address"/"port": "ssh", "address"/' ${config}`,
    check: 'settings',
    edit: {
      says: /^Correct server\.port in \/etc\/roamhome\/config\.json; then check the settings: `roamhome config show`/,
      script: `sed -i 's/"port": "ssh"/"port": 22/' ${config}`,
    },
  },
  { what: 'a home is mounted at a start', on: 'mac-a', plant: `zfs set canmount=on ${home}`, check: 'homes' },
  {
    what: 'a home is at another place',
    on: 'mac-a',
    plant: `zfs set mountpoint=/srv/alice ${home}`,
    check: 'homes',
  },
  {
    what: 'a home does not take part',
    seldom: true,
    on: 'mac-a',
    plant: `zfs set roamhome:sync=off ${home}`,
    check: 'homes',
  },
  { what: 'a home is left mounted', seldom: true, on: 'mac-a', plant: `zfs mount ${home}`, check: 'mounts' },
  {
    what: 'the record of a session is left behind',
    seldom: true,
    on: 'mac-a',
    plantOn: 'server',
    plant: `zfs set roamhome:session=mac-a,2026-11-20T06:45:00Z ${home}`,
    check: 'sessions',
  },
  {
    what: 'a unit is gone',
    on: 'mac-a',
    plant: 'rm /etc/systemd/system/roamhome-thin.timer; systemctl daemon-reload',
    check: 'jobs',
  },
  {
    what: 'a unit was changed',
    on: 'mac-a',
    plant: `echo '# mine' >>/etc/systemd/system/roamhome-checkpoint.service`,
    check: 'jobs',
  },
  { what: 'a timer is stopped', on: 'mac-a', plant: 'systemctl stop roamhome-pending.timer', check: 'jobs' },
  {
    what: 'the Node of the jobs is gone',
    on: 'mac-a',
    plant: `sed -i 's|^ExecStart="[^"]*"|ExecStart="/opt/node/bin/node"|' /etc/systemd/system/roamhome-thin.service`,
    check: 'jobs',
  },
  {
    what: 'Roamhome can be changed by others',
    seldom: true,
    on: 'mac-a',
    plant: 'chmod 777 /usr/local/lib/roamhome/dist',
    check: 'program',
  },
  {
    what: 'a home waits to be sent',
    on: 'mac-a',
    plant: `printf '{"since":"2026-11-20T06:45:00.000Z"}' >/var/lib/roamhome/pending/alice`,
    check: 'pending',
  },
  {
    what: 'what is in a home was not sent for long',
    on: 'mac-a',
    plant: `zfs mount ${home}; echo more >>/Users/alice/greeting; zfs unmount ${home}; zfs snapshot ${home}@unsent`,
    check: 'sent',
    options: ['--set', 'doctor.unsentHours=0.001'],
  },
  {
    what: 'a conflict is left',
    on: 'mac-a',
    plant: `zfs create -o canmount=off -o mountpoint=none data/profiles-conflicts 2>/dev/null || true
      zfs create -o canmount=noauto -o roamhome:conflict=alice data/profiles-conflicts/${conflict}
      zfs snapshot data/profiles-conflicts/${conflict}@x`,
    check: 'conflicts',
  },
  {
    what: 'the clock is wrong',
    on: 'mac-a',
    plant: `date -s '-2 days' >/dev/null`,
    check: 'clock',
    words: { MMDDhhmmCCYY: now },
  },
  {
    what: 'notes of waiting homes can be written by others',
    seldom: true,
    on: 'mac-a',
    plant: 'chmod 777 /var/lib/roamhome/pending',
    check: 'state',
    hidden: ['jobs'],
  },
  {
    what: 'a disk of a mirror is out of use',
    on: 'mac-a',
    plant: `truncate -s 9G /root/mirror.img
      zpool attach -w data "$(zpool list -vHP data | awk 'NR == 2 { print $1 }')" /root/mirror.img
       zpool offline data /root/mirror.img`,
    check: 'pool',
    after: 'zpool wait -t resilver data; zpool detach data /root/mirror.img; rm /root/mirror.img',
  },
  {
    what: 'a feature of the pool is switched off',
    seldom: true,
    on: 'mac-a',
    plant: `truncate -s 80M /root/small.img
      zpool create -O mountpoint=none -o feature@embedded_data=disabled small /root/small.img`,
    check: 'features',
    options: small,
  },
  {
    what: 'a pool is nearly full',
    on: 'mac-a',
    plant: `zpool list small >/dev/null 2>&1 || { truncate -s 80M /root/small.img; zpool create -O mountpoint=none small /root/small.img; }
      zfs create -o mountpoint=/small small/fill; head -c 25000000 /dev/urandom >/small/bulk; zpool sync small`,
    check: 'space',
    options: [...small, '--set', 'doctor.poolPercent=25'],
    words: { DISK: () => '/root/more.img' },
    after: 'zpool destroy small; rm /root/*.img',
  },
  {
    what: 'a permission is missing',
    on: 'mac-a',
    plantOn: 'server',
    plant: 'zfs unallow -u zfs_mobile_sync userprop data/profiles',
    check: 'delegation',
  },
  {
    what: 'the account may destroy',
    on: 'mac-a',
    plantOn: 'server',
    plant: 'zfs allow -u zfs_mobile_sync destroy data/profiles',
    check: 'delegation',
  },
  {
    what: 'the account has a plain shell',
    on: 'mac-a',
    plantOn: 'server',
    plant: 'usermod --shell /bin/sh zfs_mobile_sync',
    check: 'restriction',
  },
  {
    what: 'somebody else may read homes',
    seldom: true,
    on: 'server',
    plant: 'zfs allow -u bob send data/profiles-conflicts',
    check: 'delegation',
  },
  {
    what: 'the account has a plain shell, seen on the server',
    seldom: true,
    on: 'server',
    plant: 'usermod --shell /bin/sh zfs_mobile_sync',
    check: 'account',
  },
  {
    what: 'authorized_keys can be written by others',
    on: 'server',
    plant: 'chmod 666 /var/lib/zfs_mobile_sync/.ssh/authorized_keys',
    check: 'authorized-keys',
  },
  {
    what: 'a key is not restricted',
    seldom: true,
    on: 'server',
    plant: `sed -i '1s/^restrict //' /var/lib/zfs_mobile_sync/.ssh/authorized_keys`,
    check: 'authorized-keys',
  },
  {
    what: 'sshd takes passwords',
    on: 'server',
    plant: `printf 'PasswordAuthentication yes\\n' >/etc/ssh/sshd_config.d/0-ours.conf; systemctl reload ssh`,
    check: 'sshd',
  },
  {
    what: 'a home is mounted on the server',
    seldom: true,
    on: 'server',
    plant: `zfs set mountpoint=/srv/alice ${home}; zfs mount ${home} 2>/dev/null || true; zfs get -Ho value mounted ${home} | grep yes`,
    check: 'roots',
    after: `zfs inherit mountpoint ${home}`,
  },
  {
    what: "the server's timer is off",
    seldom: true,
    on: 'server',
    plant: 'systemctl disable --now roamhome-server.timer',
    check: 'jobs',
  },
  {
    what: 'the server has not thinned',
    seldom: true,
    on: 'server',
    plant: 'rm /var/run/roamhome/thin.json',
    check: 'tended',
  },
  {
    what: 'the group is not there',
    on: 'mac-a',
    plant: 'groupdel zfs_mobile_sync',
    check: 'group',
  },
  {
    what: 'zfs is not where it is looked for',
    on: 'mac-a',
    plant: 'mkdir -p /opt/zfs; mv /usr/sbin/zfs /usr/sbin/zpool /opt/zfs/',
    check: 'zfs',
    hidden: ['pool', 'features', 'space'],
    edit: {
      says: /put the directory of its zfs program into the configured path/,
      script: `sed -i 's|"server"|"zfsPath": ["/opt/zfs"], "server"|' ${config}`,
    },
  },
];

const planted =
  process.env['ROAMHOME_EVERY_FAULT'] === undefined ? faults.filter(({ seldom }) => seldom !== true) : faults;

/** MMDDhhmmCCYY, as date(1) takes it. */
function now(): string {
  const [, year = '', rest = ''] =
    /^(\d{4})(\d{8})/.exec(new Date().toISOString().replaceAll(/[-T:]/g, '')) ?? [];
  return `${rest}${year}`;
}

interface Told {
  readonly exitCode: number;
  readonly checks: readonly Checked[];
}

async function doctor(on: Patient, options: readonly string[] = []): Promise<Told> {
  const ran = await exec(on, [
    'roamhome',
    'doctor',
    '--json',
    ...(on === 'server' ? ['--server'] : []),
    ...patient,
    ...options,
  ]);
  try {
    const told = JSON.parse(ran.stdout) as Told;
    expect(ran.code).toBe(told.exitCode);
    return told;
  } catch (error) {
    throw new Error(`doctor on ${on}: exit ${ran.code}\n${ran.stdout}${ran.stderr}`, { cause: error });
  }
}

/** `level name: what` of all that is not ok. */
function notOk({ checks }: Told): readonly string[] {
  return checks.flatMap(({ name, findings }) =>
    findings.filter(({ level }) => level !== 'ok').map(({ level, what }) => `${level} ${name}: ${what}`),
  );
}

/** Does what the remedy says, on the machine that it names. */
async function follow(remedy: Remedy, fault: Fault): Promise<void> {
  const { on, words = {}, edit } = fault;
  if (edit !== undefined) {
    expect(remedy.text).toMatch(edit.says);
    await sh(on, edit.script);
    return;
  }
  expect(remedy.commands).not.toEqual([]);
  for (const command of remedy.commands) {
    expect(remedy.text).toContain(command);
    let typed = command;
    for (const [word, value] of Object.entries(words)) typed = typed.replaceAll(word, value());
    // A person sits at a terminal, and confirms by the name what is to be destroyed.
    const answer = typed.includes(' discard ') ? `${typed.split(' ').at(-1) ?? ''}\n` : '';
    const where = remedy.where === 'server' ? 'server' : on;
    const ran = await exec(where, ['script', '-qec', typed, '/dev/null'], answer);
    expect(ran, typed).toMatchObject({ code: 0 });
  }
}

beforeAll(async () => {
  await reset(installed);
  await exec('server', ['tar', '-C', '/usr/local/lib', '-xz'], await readFile('build/roamhome.tgz'));
  await sh(
    'server',
    `ln -sf ../lib/roamhome/dist/main.js /usr/local/bin/roamhome
     ln -s /usr/local/bin/lshell-standin /usr/bin/lshell
     usermod --shell /usr/bin/lshell zfs_mobile_sync
     for root in data/profiles data/profiles-conflicts; do zfs unallow -u zfs_plain $root; zfs set snapshot_limit=1000000 filesystem_limit=50000 quota=4G $root; done
     roamhome provision role server >/dev/null
     roamhome install --server >/dev/null; roamhome thin --server --tend >/dev/null`,
  );
  await createHome('mac-a');
  // The jobs would cure some of the faults by themselves, sooner or later: they are kept from running.
  await sh(
    'mac-a',
    `roamhome install >/dev/null
     for job in pending checkpoint thin; do
       mkdir -p /run/systemd/system/roamhome-$job.service.d
       printf '[Service]\\nExecCondition=/bin/false\\n' >/run/systemd/system/roamhome-$job.service.d/not-now.conf
     done
     systemctl daemon-reload
     truncate -s 200M /root/more.img`,
  );
  await logout('mac-a');
  await lab('save', ready);
});

test('the patients are well before anything is planted', async () => {
  expect(notOk(await doctor('mac-a'))).toEqual([]);
  expect(notOk(await doctor('server'))).toEqual([]);
});

/** Plants the fault, has it found by the right check alone, and does what the finding says. */
async function treat(fault: Fault): Promise<void> {
  const { on, plant, plantOn, check, hidden = [], options, after } = fault;
  await sh(plantOn ?? on, plant);
  const told = await doctor(on, options);
  const found = told.checks
    .find(({ name }) => name === check)
    ?.findings.filter(({ level }) => level !== 'ok');
  // Others only as far as they could not look because of it. And so the fault before it is cured.
  const others = notOk(told).filter(
    (line) =>
      !line.includes(` ${check}: `) &&
      ![check, ...hidden].some((name) => line.endsWith(`not looked at, because of ${name}`)) &&
      !hidden.some((name) => line.startsWith(`unknown ${name}: `)),
  );
  expect(others).toEqual([]);
  expect(found?.length, notOk(told).join('\n')).toBe(1);
  const remedy = found?.[0]?.remedy;
  if (remedy === null || remedy === undefined) throw new Error('there is no remedy');
  await follow(remedy, fault);
  if (after !== undefined) {
    expect(notOk(await doctor(on, options))).toEqual([]);
    await sh(on, after);
  }
}

describe('doctor finds each fault, names it, and what it says cures it', () => {
  test.each(planted)('$what', async (fault) => {
    try {
      await treat(fault);
    } catch (error) {
      // The next one is not to suffer from it.
      await reset(ready);
      throw error;
    }
  });

  test('they were at least 20, and both patients are well', async () => {
    expect(planted.length).toBeGreaterThanOrEqual(20);
    expect(notOk(await doctor('mac-a'))).toEqual([]);
    expect(notOk(await doctor('server'))).toEqual([]);
  });
});
