import * as z from 'zod';

// One configuration is parsed a run: compiling a parser for it takes longer than parsing.
z.config({ jitless: true });

// Each leaf carries in its description what is allowed, in the words of the messages: "expected <description>".
const word = (pattern: RegExp, allowed: string) => z.string().regex(pattern).describe(allowed);
const number = (least: number, most: number, unit: string) =>
  z
    .number()
    .min(least)
    .max(most)
    .describe(`${unit}, ${String(least)} to ${String(most)}`);
const wholeNumber = (least: number, most: number, unit: string) =>
  z
    .int()
    .min(least)
    .max(most)
    .describe(`${unit}, ${String(least)} to ${String(most)}`);
const choice = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values).describe(`one of ${values.join(', ')}`);

// The shape only: these words reach remote command lines, which are unquoted. zfs/names.ts has the exact rules.
const dataset = word(
  /^[A-Za-z][A-Za-z0-9_.:-]*(?:\/[A-Za-z0-9_][A-Za-z0-9_.:-]*)*$/,
  'a dataset name such as data/profiles, of letters, digits and _ . : - /',
);
const userName = word(
  /^[A-Za-z_][A-Za-z0-9_.-]*$/,
  'a user name of letters, digits and _ . -, not starting with a digit',
);
// Group names with spaces exist in directories; they only ever become one word of a local argv.
const groupName = word(
  /^[A-Za-z0-9_](?:[A-Za-z0-9_. -]*[A-Za-z0-9_.-])?$/,
  'a group name of letters, digits, spaces and _ . -',
);
const macName = word(/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/, 'a name of letters, digits and _ . -');
const address = word(
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%[A-Za-z0-9_.-]+)?)$/,
  'a host name or an IP address',
);
// oxlint-disable-next-line no-control-regex -- control characters are what must be kept out
const file = word(/^\/[^\x00-\x1f\x7f]+$/, 'an absolute path');
const plainDirectory = word(
  /^\/[A-Za-z0-9_.:/-]*$/,
  'an absolute path of letters, digits and _ . : - / (it becomes a mountpoint)',
);
const timeOfDay = word(
  /^(?:\*|[01]\d|2[0-3]):[0-5]\d$/,
  'a time such as 12:43, or *:17 for a minute of every hour',
);
const searchDirectory = word(/^\/[^:\s]*$/, 'an absolute path without colons and spaces');
const regularExpression = z
  .string()
  .refine(isRegularExpression)
  .describe('a regular expression, such as ^roamhome-');
const ages = z
  .record(z.string().refine(isRegularExpression), z.string())
  .describe('ages by regular expressions of dataset names, such as {".+/Downloads$": "1month"}');
const distinguishedName = word(
  // oxlint-disable-next-line no-control-regex -- control characters are what must be kept out
  /^[A-Za-z][A-Za-z0-9-]*=[^\x00-\x1f\x7f]+$/,
  'a distinguished name such as dc=example,dc=org',
);
const directoryUrl = word(
  /^ldaps?:\/\/(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?\/?$/,
  'ldaps://HOST or ldap://HOST, with :PORT if it is another one',
);
const dividesAnHour = z
  .int()
  .refine((minutes) => minutes > 0 && 60 % minutes === 0)
  .describe('a number of minutes by which an hour can be divided, such as 5, 15 or 60');
const seconds = number(0.001, 86_400, 'a number of seconds');
const secondsOrNone = number(0, 86_400, 'a number of seconds');

/** What a person reads of a setting: what it does, a sentence, and which commands read it. leaves.ts hands it on. */
const says = <T extends z.ZodType>(does: string, readBy: string, schema: T): T =>
  schema.meta({ does, readBy });

const onMac = 'each command on a Mac that asks the server';
const both = 'each command, on Macs and the server';
const homesOnMac = 'each command that works on homes of a Mac';
const users = '`provision user`';
const runs = '`login`, `logout`, `push` and `checkpoint`';
const onServer = '`thin --server`, `tend`, `status --server` and `provision user` on the server';

/** Every setting, with its units in its name; strict: an unknown key is a mistake. */
export const configSchema = z.strictObject({
  server: z.strictObject({
    /** Absent: this Mac is not set up for syncing yet (noServerError). */
    address: says(
      'The host name or IP address of the server. Without it this Mac sends and receives nothing.',
      onMac,
      address.optional(),
    ),
    port: says("The TCP port of the server's sshd.", onMac, wholeNumber(1, 65_535, 'a TCP port')),
    user: says(
      'The account on the server that the Macs log in to.',
      `${onMac}; \`provision\` and \`doctor --server\``,
      userName,
    ),
    identityFile: says(
      "This Mac's private SSH key, without a passphrase. Only root may read it.",
      onMac,
      file,
    ),
    knownHostsFile: says(
      "The file with the server's host keys. Roamhome connects to no other key.",
      onMac,
      file,
    ),
    root: says('The dataset of the homes on the server: `<root>/<user>`.', `${onMac}; ${onServer}`, dataset),
    conflictsRoot: says(
      'The dataset where the server keeps conflicts: `<conflictsRoot>/<user>-<mac>-<time>`.',
      `${onMac}; ${onServer}`,
      dataset,
    ),
  }),
  local: z.strictObject({
    root: says('The dataset of the homes on this computer: `<root>/<user>`.', homesOnMac, dataset),
    conflictsRoot: says(
      'The dataset where this computer keeps conflicts: `<conflictsRoot>/<user>-<mac>-<time>`. It must be in the pool of `local.root`.',
      homesOnMac,
      dataset,
    ),
    /** Absent: it is loaded by hand. */
    homeKeyDirectory: says(
      'The directory with the keys of homes that are sent raw: `<homeKeyDirectory>/<user>.key`. Without it an admin loads each key by hand.',
      runs,
      plainDirectory.optional(),
    ),
    homeBase: says('The directory where homes are mounted: `<homeBase>/<user>`.', homesOnMac, plainDirectory),
    macName: says("This computer's name in the names of snapshots and conflicts.", homesOnMac, macName),
    spoolDir: says(
      'The directory with a file for each home that has something to send. launchd or systemd watches it. It survives a restart.',
      `${runs}, \`doctor\` and \`install\``,
      file,
    ),
    stateDir: says('The directory for locks and other state that need not survive a restart.', both, file),
  }),
  roots: z.strictObject({
    snapshots: says(
      'How many snapshots each root may hold on the server, where no `snapshot_limit` is set.',
      '`provision server`',
      wholeNumber(1000, 1_000_000_000, 'a number of snapshots'),
    ),
    filesystems: says(
      'How many datasets each root may hold on the server, where no `filesystem_limit` is set.',
      '`provision server`',
      wholeNumber(100, 100_000_000, 'a number of datasets'),
    ),
    homesPercent: says(
      'How much of the pool the homes may fill on the server, where no quota is set.',
      '`provision server`',
      number(1, 100, 'a percentage'),
    ),
    conflictsPercent: says(
      'How much of the pool the conflicts may fill on the server, where no quota is set.',
      '`provision server`',
      number(1, 100, 'a percentage'),
    ),
  }),
  syncGroup: says(
    'The group whose members roam. Roamhome leaves the homes of all other users alone.',
    `${runs}, \`doctor\` and \`provision\``,
    groupName,
  ),
  /** Absent: the rest of the settings says it, or nothing. */
  role: says(
    'What this machine is. `roamhome provision` writes it. Commands of the other side are refused.',
    both,
    choice(['mac', 'server']).optional(),
  ),
  limits: z.strictObject({
    connectSeconds: says(
      'How long to wait for the server, until the login to it is done.',
      `${onMac}; ${users}`,
      seconds,
    ),
    stallSeconds: says(
      'A transfer that moves no byte for this long is given up. The next run resumes it.',
      `${onMac}; ${users}`,
      seconds,
    ),
    logoutBudgetSeconds: says(
      'How long a logout may take in all. What is not sent by then stays pending.',
      '`logout`',
      seconds,
    ),
    loginPushSeconds: says(
      'How long a login may spend on sending what an earlier logout could not send.',
      '`login`',
      secondsOrNone,
    ),
    poolWaitSeconds: says(
      'How long a login waits for the pool after a start of the computer.',
      '`login`',
      secondsOrNone,
    ),
    processGraceSeconds: says(
      "How long a logout waits between the TERM and the KILL signal to the user's processes.",
      '`logout`',
      secondsOrNone,
    ),
    partialIdleSeconds: says(
      'How long an interrupted transfer may wait on the server. Then `roamhome tend` gives it up.',
      '`tend` on the server',
      number(60, 31_536_000, 'a number of seconds'),
    ),
    partialDays: says(
      'How long a transfer may take that is resumed again and again. Then `roamhome tend` gives it up.',
      '`tend` on the server',
      number(1, 3650, 'a number of days'),
    ),
    lockWaitSeconds: says('How long to wait for another run for the same user.', homesOnMac, secondsOrNone),
  }),
  policies: z.strictObject({
    createOnServer: says(
      'Whether a home that the server lacks is sent there in full.',
      runs,
      z.boolean().describe('true or false'),
    ),
    onLoginFailure: says(
      'What the login hook does when the login could not prepare the home: `allow` lets the user in, `refuse` does not.',
      '`login` and its hook',
      choice(['allow', 'refuse']),
    ),
    loggedInElsewhere: says(
      'What a login does when the user is logged in on another Mac: `allow` warns and goes on, `deny` refuses.',
      '`login`',
      choice(['allow', 'deny']),
    ),
    sendFlags: says(
      'How a home is sent that the server does not have yet. `auto` uses compressed streams where both sides can. `raw` sends an encrypted home as it is on disk, so that the server never has its key.',
      runs,
      choice(['auto', 'none', 'raw']),
    ),
  }),
  /** Which snapshots `roamhome thin` destroys. */
  thinning: z.strictObject({
    schedule: says(
      'Which snapshots stay. `roamhome schedule explain` shows what a schedule means.',
      '`thin` on Macs and the server, `schedule explain`',
      z.string().min(1).describe('a schedule such as 24h=>5min,7d=>1h or 10,5min24h,1h7d'),
    ),
    maximumAges: says(
      'How old snapshots may get, by patterns of dataset names.',
      '`thin` on Macs and the server',
      ages,
    ),
    match: says(
      'A pattern for the names of snapshots that may be thinned. All others stay.',
      '`thin` on Macs and the server',
      regularExpression,
    ),
    bookmarkDays: says(
      'How long the bookmarks stay that thinning leaves. A Mac that was away for longer receives its home in full.',
      '`thin` on Macs and the server',
      wholeNumber(1, 36_500, 'a number of days'),
    ),
  }),
  /** When the jobs run that `roamhome install` sets up; it has to be run again for a change to take effect. */
  jobs: z.strictObject({
    thinAt: says('When a Mac thins its snapshots, in local time.', '`install`', timeOfDay),
    serverAt: says('When the server thins and tends, in local time.', '`install --server`', timeOfDay),
    pendingMinutes: says('How often a Mac tries to send what is pending.', '`install`', dividesAnHour),
    checkpointMinutes: says(
      'How often a Mac snapshots and sends the homes in use.',
      '`install`',
      wholeNumber(1, 1440, 'a number of minutes'),
    ),
  }),
  /** What `roamhome doctor` and `roamhome status` warn of. */
  doctor: z.strictObject({
    unsentHours: says(
      'How old changes may get that the server does not have. A warning follows, and a critical level after 7 times as long.',
      '`status` and `doctor`',
      number(0.001, 8760, 'a number of hours'),
    ),
    poolPercent: says(
      'How full a pool may be, in percent of its size.',
      '`doctor`',
      number(1, 100, 'a percentage'),
    ),
    sessionHours: says(
      'How long a session may be open of which nothing reaches the server.',
      '`status --server`',
      number(0.001, 8760, 'a number of hours'),
    ),
    macDays: says(
      'How long the server may see nothing of a Mac. After 12 times as long the Mac counts as gone for good.',
      '`status --server`',
      number(0.001, 3650, 'a number of days'),
    ),
  }),
  progress: z.strictObject({
    statusDir: says(
      'The directory with `<user>.json`, the state of the last run, which every program may read.',
      `${runs}, \`restore\`, \`notify\` and \`install\``,
      file,
    ),
    window: says(
      'Whether a slow login or logout shows a window, where swiftDialog is installed.',
      '`login` and `logout`',
      choice(['auto', 'none']),
    ),
    /** Absent: there is none for this system. */
    dialogProgram: says(
      "The path of swiftDialog's program `dialog`. Only root may be able to change it.",
      '`login` and `logout`',
      file.optional(),
    ),
    notice: says(
      'Whether a session begins with a notification of what its login had to say.',
      '`install`',
      choice(['auto', 'none']),
    ),
  }),
  /** The LDAP directory in which `roamhome provision user` keeps users; nothing else reads it. */
  directory: z.strictObject({
    /** Absent: there is none. */
    url: says(
      'The address of the LDAP directory. `ldap://` is secured with StartTLS, unless the directory is on this machine.',
      users,
      directoryUrl.optional(),
    ),
    allowPlain: says(
      'Whether `ldap://` to another machine may stay unencrypted. Passwords then cross the network in plain text.',
      users,
      z.boolean().describe('true or false'),
    ),
    /** Absent: those that Node trusts. */
    caFile: says(
      "The certificates (PEM) that the directory's certificate is checked against. Without it, Node's own list counts.",
      users,
      file.optional(),
    ),
    baseDn: says(
      'The entry below which users and groups are looked for.',
      users,
      distinguishedName.optional(),
    ),
    bindDn: says(
      'The account that adds and removes users in the directory.',
      users,
      distinguishedName.optional(),
    ),
    bindSecretFile: says(
      'The file with the password of that account on its first line. Without it, the variable `ROAMHOME_BIND_SECRET` counts.',
      users,
      file.optional(),
    ),
    usersDn: says(
      'The entry below which users are added. Without it: `ou=people` below `directory.baseDn`.',
      users,
      distinguishedName.optional(),
    ),
    groupsDn: says(
      'The entry below which the group (`syncGroup`) is added. Without it: `ou=groups` below `directory.baseDn`.',
      users,
      distinguishedName.optional(),
    ),
    homeBase: says(
      "The directory of homes in users' entries: `<homeBase>/<user>`, as the Macs see it.",
      users,
      plainDirectory,
    ),
    loginShell: says('The login shell of new users.', users, plainDirectory),
    uidMin: says('The first uid number for new users.', users, wholeNumber(1000, 2_147_483_647, 'a number')),
    uidMax: says('The last uid number for new users.', users, wholeNumber(1000, 2_147_483_647, 'a number')),
  }),
  log: z.strictObject({
    file: says('The log file, one JSON event a line.', both, file),
    level: says(
      'The least important events that are logged.',
      both,
      choice(['error', 'warn', 'info', 'debug']),
    ),
    maxMebibytes: says(
      'The size in MiB at which the log file is rotated.',
      both,
      number(0.001, 10_240, 'a number of MiB'),
    ),
    keepFiles: says(
      'How many log files are kept, the current one included.',
      both,
      wholeNumber(1, 1000, 'a number of files'),
    ),
  }),
  zfsPath: says(
    'The directories in which to look for `zfs` and `zpool`, in order.',
    both,
    z.array(searchDirectory).min(1).describe('a list of one or more absolute directories'),
  ),
});

/** The effective configuration: durations in seconds, sizes in MiB, as the names say. */
export type Config = z.infer<typeof configSchema>;

function isRegularExpression(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}
