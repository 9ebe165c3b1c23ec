import type { Config } from './schema.ts';

/** The two systems that Roamhome runs on. */
export type SystemKind = 'macos' | 'linux';

interface SystemDefaults {
  readonly keyDirectory: string;
  readonly homeBase: string;
  readonly stateDir: string;
  readonly spoolDir: string;
  readonly logFile: string;
  readonly zfsPath: readonly string[];
}

const systems: Readonly<Record<SystemKind, SystemDefaults>> = {
  macos: {
    keyDirectory: '/Library/Application Support/roamhome',
    homeBase: '/Users',
    stateDir: '/var/run/roamhome',
    spoolDir: '/var/db/roamhome/pending',
    logFile: '/Library/Logs/roamhome/roamhome.log',
    // OpenZFS on OS X: 2.x installs to /usr/local/zfs/bin, 1.9 to /usr/local/bin.
    zfsPath: ['/usr/local/zfs/bin', '/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/sbin'],
  },
  linux: {
    keyDirectory: '/etc/roamhome',
    homeBase: '/home',
    stateDir: '/var/run/roamhome',
    spoolDir: '/var/lib/roamhome/pending',
    logFile: '/var/log/roamhome/roamhome.log',
    zfsPath: ['/usr/sbin', '/sbin', '/usr/bin', '/bin', '/usr/local/sbin', '/usr/local/bin'],
  },
};

/** The short host name as a word that may stand in a dataset name: `Büro-Mac.local` becomes `B_ro-Mac`. */
export function macNameFrom(hostName: string): string {
  const short = hostName.split('.')[0] ?? '';
  const plain = short.replace(/[^A-Za-z0-9_.-]+/g, '_').replace(/^[^A-Za-z0-9_]+/, '');
  return plain === '' ? 'mac' : plain;
}

/** What holds where no source says otherwise. */
export function defaultsFor(kind: SystemKind, hostName: string): Config {
  const system = systems[kind];
  return {
    server: {
      port: 22,
      user: 'zfs_mobile_sync',
      identityFile: `${system.keyDirectory}/id_ed25519`,
      knownHostsFile: `${system.keyDirectory}/known_hosts`,
      root: 'data/profiles',
      conflictsRoot: 'data/profiles-conflicts',
    },
    local: {
      root: 'data/profiles',
      conflictsRoot: 'data/profiles-conflicts',
      homeBase: system.homeBase,
      macName: macNameFrom(hostName),
      spoolDir: system.spoolDir,
      stateDir: system.stateDir,
    },
    roots: { snapshots: 1_000_000, filesystems: 50_000, homesPercent: 90, conflictsPercent: 30 },
    syncGroup: 'zfs_mobile_sync',
    limits: {
      connectSeconds: 10,
      stallSeconds: 30,
      logoutBudgetSeconds: 600,
      loginPushSeconds: 60,
      poolWaitSeconds: 60,
      processGraceSeconds: 5,
      partialIdleSeconds: 3600,
      partialDays: 30,
      lockWaitSeconds: 30,
    },
    policies: {
      createOnServer: true,
      onLoginFailure: 'allow',
      loggedInElsewhere: 'allow',
      sendFlags: 'auto',
    },
    thinning: {
      // ZFS-TimeMachine's default.
      schedule: '24h=>5min,7d=>1h,90d=>1d,1y=>1w,10y=>1month',
      maximumAges: {},
      match: '^roamhome-',
      bookmarkDays: 400,
    },
    jobs: { thinAt: '12:43', serverAt: '*:17', pendingMinutes: 15, checkpointMinutes: 15 },
    doctor: { unsentHours: 24, poolPercent: 80, sessionHours: 24, macDays: 30 },
    progress: {
      statusDir: '/var/run/roamhome-status',
      window: 'auto',
      notice: 'auto',
      ...(kind === 'macos' && { dialogProgram: '/usr/local/bin/dialog' }),
    },
    directory: {
      allowPlain: false,
      homeBase: '/Users',
      loginShell: '/bin/bash',
      // Above what systems give to local users, below Debian's own end of the range (UID_MAX of login.defs).
      uidMin: 10_000,
      uidMax: 59_999,
    },
    log: { file: system.logFile, level: 'info', maxMebibytes: 10, keepFiles: 5 },
    zfsPath: [...system.zfsPath],
  };
}
