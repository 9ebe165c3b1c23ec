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

/** Every setting, with its units in its name; strict: an unknown key is a mistake. */
export const configSchema = z.strictObject({
  server: z.strictObject({
    /** Absent: this Mac is not set up for syncing yet (noServerError). */
    address: address.optional(),
    port: wholeNumber(1, 65_535, 'a TCP port'),
    user: userName,
    identityFile: file,
    knownHostsFile: file,
    /** The homes on the server: `<root>/<user>`. */
    root: dataset,
    /** Where the server keeps conflict branches: `<conflictsRoot>/<user>-<mac>-<stamp>`. */
    conflictsRoot: dataset,
  }),
  local: z.strictObject({
    /** The homes on this machine: `<root>/<user>`. */
    root: dataset,
    /** Where homes go whose line left the server's: `<conflictsRoot>/<user>-<mac>-<stamp>`. In the pool of `root`. */
    conflictsRoot: dataset,
    /** Where the key of a home is that comes as a raw stream: `<homeKeyDirectory>/<user>.key`. Absent: it is loaded by hand. */
    homeKeyDirectory: plainDirectory.optional(),
    /** Homes are mounted at `<homeBase>/<user>`. */
    homeBase: plainDirectory,
    /** This machine's name in snapshot and conflict names. */
    macName,
    /** A file for each home that has something to send: to be watched by launchd or systemd. Survives a restart. */
    spoolDir: file,
    /** Locks and other state that need not survive a restart. */
    stateDir: file,
  }),
  /** Only members of this group have their homes synced. */
  syncGroup: groupName,
  /** What this machine is: written by `roamhome provision`. Absent: the rest of the settings says it, or nothing. */
  role: choice(['mac', 'server']).optional(),
  limits: z.strictObject({
    /** To reach the server and log in to it. */
    connectSeconds: seconds,
    /** A transfer that moves no byte for this long is given up. */
    stallSeconds: seconds,
    /** All that a logout may take; the rest is left pending. */
    logoutBudgetSeconds: seconds,
    /** What a login may spend on sending what an earlier logout could not. */
    loginPushSeconds: secondsOrNone,
    /** How long to wait for the pool to be imported after a start. */
    poolWaitSeconds: secondsOrNone,
    /** Between TERM and KILL of a user's processes. */
    processGraceSeconds: secondsOrNone,
    /** On the server: how long an interrupted transfer may wait to be resumed until `roamhome tend` gives it up. */
    partialIdleSeconds: number(60, 31_536_000, 'a number of seconds'),
    /** How long to wait for another run for the same user. */
    lockWaitSeconds: secondsOrNone,
  }),
  policies: z.strictObject({
    /** A home that the server lacks is sent there in full. */
    createOnServer: z.boolean().describe('true or false'),
    /** What the login hook does when the login could not prepare the home. */
    onLoginFailure: choice(['allow', 'refuse']),
    /** What a login does that finds the user logged in on another Mac: say so, or refuse. */
    loggedInElsewhere: choice(['allow', 'deny']),
    /**
     * How a home is sent that the server has nothing of yet. `auto`: compressed, large-block, embedded streams where both
     * sides can; `raw`: encrypted as it is on disk, so that the server never has the key.
     */
    sendFlags: choice(['auto', 'none', 'raw']),
  }),
  /** Which snapshots `roamhome thin` destroys. */
  thinning: z.strictObject({
    /** In ZFS-TimeMachine's notation or in zfs-autobackup's; `roamhome schedule explain` says what it means. */
    schedule: z.string().min(1).describe('a schedule such as 24h=>5min,7d=>1h or 10,5min24h,1h7d'),
    /** No snapshot of a dataset that a pattern finds gets older than its age. */
    maximumAges: ages,
    /** Finds the names (behind the @) of the snapshots that are ours to thin; all others are left alone. */
    match: regularExpression,
    /** How long the bookmarks that thinning leaves are kept: a Mac that was away for longer fetches its home anew. */
    bookmarkDays: wholeNumber(1, 36_500, 'a number of days'),
  }),
  /** When the jobs run that `roamhome install` sets up; it has to be run again for a change to take effect. */
  jobs: z.strictObject({
    /** Thinning on a Mac or workstation. Local time. */
    thinAt: timeOfDay,
    /** Thinning and tending on the server. Local time. */
    serverAt: timeOfDay,
    /** Between two tries to send what is pending. */
    pendingMinutes: dividesAnHour,
    /** Between two checkpoints of the homes in use. */
    checkpointMinutes: wholeNumber(1, 1440, 'a number of minutes'),
  }),
  /** What `roamhome doctor` and `roamhome status` warn of. */
  doctor: z.strictObject({
    /** How old changes may get that are not on the server. */
    unsentHours: number(0.001, 8760, 'a number of hours'),
    /** How full a pool may be, in percent of its size. */
    poolPercent: number(1, 100, 'a percentage'),
    /** How long a session may be open of which the server gets nothing. */
    sessionHours: number(0.001, 8760, 'a number of hours'),
    /** How long a Mac may go unseen. After 12 times as long it counts as gone for good. */
    macDays: number(0.001, 3650, 'a number of days'),
  }),
  /** How a run shows how far it is. */
  progress: z.strictObject({
    /** `<statusDir>/<user>.json` says it for every program on this machine: in a directory that everybody may read. */
    statusDir: file,
    /** Whether a login and a logout that take long show a window, where swiftDialog is installed. */
    window: choice(['auto', 'none']),
    /** swiftDialog's `dialog`. Absent: there is none for this system. */
    dialogProgram: file.optional(),
    /** Whether a session begins with what the login had to say; `roamhome install` sets it up. */
    notice: choice(['auto', 'none']),
  }),
  /** The LDAP directory in which `roamhome provision user` keeps users; nothing else reads it. */
  directory: z.strictObject({
    /** Absent: there is none. `ldap://` is secured with StartTLS, unless it is this machine. */
    url: directoryUrl.optional(),
    /** Let `ldap://` to another machine go unencrypted: passwords then cross the network as they are. */
    allowPlain: z.boolean().describe('true or false'),
    /** Certificates (PEM) that the directory's is checked against. Absent: those that Node trusts. */
    caFile: file.optional(),
    baseDn: distinguishedName.optional(),
    /** Who adds and removes users. */
    bindDn: distinguishedName.optional(),
    /** Its password, on the first line. Absent: the environment's ROAMHOME_BIND_SECRET. */
    bindSecretFile: file.optional(),
    /** Where users are added; absent: ou=people below baseDn. */
    usersDn: distinguishedName.optional(),
    /** Where the group (syncGroup) is added; absent: ou=groups below baseDn. */
    groupsDn: distinguishedName.optional(),
    /** Users' homes are `<homeBase>/<user>`, as the machines that look them up see it. */
    homeBase: plainDirectory,
    loginShell: plainDirectory,
    /** New users get uid numbers of this range. */
    uidMin: wholeNumber(1000, 2_147_483_647, 'a number'),
    uidMax: wholeNumber(1000, 2_147_483_647, 'a number'),
  }),
  log: z.strictObject({
    file,
    level: choice(['error', 'warn', 'info', 'debug']),
    /** Size at which the log file is rotated, in MiB. */
    maxMebibytes: number(0.001, 10_240, 'a number of MiB'),
    /** How many log files are kept, the current one included. */
    keepFiles: wholeNumber(1, 1000, 'a number of files'),
  }),
  /** Directories in which to look for `zfs`, in order. */
  zfsPath: z.array(searchDirectory).min(1).describe('a list of one or more absolute directories'),
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
