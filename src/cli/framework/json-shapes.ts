import * as z from 'zod';

/*
 * What `--json` prints, by command: docs/reference/json.md is made of it, and test/contract/cli/json.test.ts holds every command to it. A new
 * field is added here too; one that goes, or comes to mean something else, raises `roamhome` in src/cli/framework/output.ts.
 */

const text = z.string();
const count = z.number().int();
const bytes = count.describe('bytes');
const time = text.describe('ISO 8601');
const names = z.array(text);
const notices = names.optional().describe('what the user is told, in their words');
const orNull = <T extends z.ZodType>(shape: T) => z.union([z.null(), shape]);

/** An error, wherever it stands. */
const problem = z.strictObject({
  code: text.describe('of the closed list below; `bug`: not foreseen'),
  message: text,
  remedy: text,
  commands: names.describe('of the remedy, to be typed as root'),
  retryable: z.boolean().describe('the same run may succeed later'),
  details: names.describe('each mistake in the settings, the place of a mistake in a schedule'),
});
const problems = z.array(problem);

/** What every document has; `problems` may be a command's own, which is always there then. */
export const envelope = {
  roamhome: z.literal(1).describe('version of these shapes'),
  ok: z.boolean().describe('the exit code is 0'),
  exitCode: count,
  error: problem.optional().describe('what ended the command'),
  problems: problems.optional().describe('what the command continued without'),
};

const conflict = z.strictObject({
  kind: z
    .enum(['diverged', 'no-common', 'server-blocked', 'own-partial'])
    .describe('own-partial: no conflict for people, `ok` is false and it is sent later'),
  evidence: text,
  cure: text.optional(),
  since: count.describe('seconds since the epoch'),
  branch: orNull(text).describe('the dataset on the server; null: not sent yet'),
  branchProblem: orNull(problem),
  setAside: orNull(text).describe('the dataset on this machine; null: still the home'),
  setAsideProblem: orNull(problem),
});

const leftOut = z.strictObject({
  kind: text,
  dataset: text,
  evidence: text,
  cure: text.optional(),
  isUnsent: z.boolean().describe('this Mac has what the server lacks of it'),
});

const report = {
  what: z.enum(['login', 'logout']),
  user: text,
  summary: text,
  notRoaming: orNull(text).describe('why nothing was done'),
  sync: orNull(
    z.strictObject({
      pushedBytes: bytes,
      pulledBytes: bytes,
      wasEqual: z.boolean(),
      leftBehind: z.boolean(),
      left: z.array(leftOut).describe('what could not be synced because of its name'),
      conflict: orNull(conflict),
    }),
  ).describe('null: the two sides were not brought together'),
  snapshot: orNull(text).describe('null: none was needed'),
  secured: z.boolean().describe('false: something of the home is in no snapshot'),
  pending: z.boolean().describe('something may not have reached the server'),
  mounted: z.boolean(),
  otherSessions: names.describe('of the user on this machine: the home was left mounted for them'),
  warnings: names,
  notices,
};

const step = z.strictObject({
  words: text,
  commands: z.array(z.strictObject({ place: text, argv: names })),
});

const lacks = orNull(z.enum(['logout', 'snapshot', 'unmount', 'session'])).describe(
  'what a logout could not do',
);

const outcome = {
  user: text,
  conflict: z.boolean().describe('what was sent is beside the home'),
  pushedBytes: bytes,
  problems,
  warnings: names,
  notices,
};

const level = z.enum(['ok', 'warning', 'critical', 'unknown']);
const version = orNull(z.strictObject({ name: text, at: time, macName: orNull(text) }));
const side = orNull(
  z.strictObject({
    dataset: text,
    head: version,
    snapshots: count,
    usedBytes: bytes,
    mounted: z.boolean(),
    writtenBytes: bytes,
    interrupted: z.boolean(),
  }),
);
const session = orNull(
  z.union([
    z.strictObject({ macName: text, since: time }),
    z.strictObject({ kind: z.literal('unknown'), value: text }),
  ]),
);

const knownSnapshot = z.strictObject({ name: text, time, from: z.enum(['here', 'server']) });
const path = { path: text, pathBase64: text.optional().describe('of a name that is not UTF-8') };
const left = z.array(z.strictObject({ ...path, why: text }));
const entry = z.strictObject({
  kind: text,
  bytes,
  modified: time,
  mode: text,
  uid: count,
  gid: count,
  target: text.optional(),
});
const below = orNull(z.strictObject({ files: count, bytes }));
const seen = z.strictObject({ name: text, snapshots: names });
const change = z.strictObject({ machine: text, does: text, details: names });
const kept = z.array(
  z.strictObject({ name: text, guid: text, creation: time, usedBytes: bytes, reasons: names }),
);
const thinned = {
  destroyed: names,
  expiredBookmarks: count,
  inUse: names,
  warnings: names,
  held: count,
  released: count,
  problems,
};
const mergedBranch = z.strictObject({ branch: text, home: text, aside: text, datasets: z.array(seen) });
const tended = { aborted: names, removed: names, destroyed: names, unproven: names, busy: names, problems };
const conflictSide = orNull(
  z.strictObject({
    dataset: text,
    usedBytes: bytes,
    snapshots: count,
    datasets: z.array(
      z.strictObject({
        name: text,
        origin: orNull(text),
        snapshots: z.array(z.strictObject({ name: text, guid: text, creation: time, writtenBytes: bytes })),
      }),
    ),
  }),
);
const sent = { snapshot: orNull(text), pending: z.boolean(), problems, warnings: names };
const provisioned = {
  dryRun: z.boolean(),
  changes: z.array(change),
  done: names,
  alreadySo: names,
  left: names.describe('what is left for a person'),
  obstacles: problems.describe('what is in the way, each'),
};

type Fields = Readonly<Record<string, z.ZodType>>;

const settingMistakes = z.array(
  z.strictObject({
    source: text,
    key: orNull(text),
    found: text,
    allowed: text,
    isUnknown: z.boolean(),
    text,
  }),
);

/** The fields of each command's own. Several for one command: one for each way to call it. */
const fields: Readonly<Record<string, Fields>> = {
  login: report,
  logout: report,
  'login --dry-run': { what: z.enum(['login', 'logout']), dryRun: z.literal(true), steps: z.array(step) },
  'logout --dry-run': { what: z.enum(['login', 'logout']), dryRun: z.literal(true), steps: z.array(step) },
  checkpoint: {
    homes: z.array(
      z.strictObject({
        ...outcome,
        outcome: z.enum(['left-alone', 'unchanged', 'sent', 'still-pending', 'failed']),
        reason: orNull(text),
        snapshot: orNull(text),
      }),
    ),
  },
  'checkpoint --dry-run': {
    dryRun: z.literal(true),
    homes: z.array(z.strictObject({ user: text, steps: z.array(step) })),
  },
  'push --pending': {
    homes: z.array(z.strictObject({ ...outcome, outcome: z.enum(['sent', 'in-use', 'still-pending']) })),
  },
  'push --pending --dry-run': {
    dryRun: z.literal(true),
    pending: z.array(z.strictObject({ user: text, since: orNull(time), lacks })),
  },
  status: {
    level,
    warnings: names,
    server: orNull(problem).describe('why the server could not be asked'),
    homes: z.array(
      z.strictObject({
        user: text,
        level,
        state: z.enum(['in-sync', 'pending', 'behind', 'diverged', 'unclear', 'only-server', 'unknown']),
        lastSync: version,
        local: side,
        server: side,
        unsent: count,
        unsentSince: orNull(time),
        pendingSince: orNull(time),
        lacks,
        unprovenBytes: bytes,
        doubled: names.describe('why it is not known how some of its datasets stand'),
        offThere: names.describe('what the server alone marks as not to be synced'),
        conflicts: names,
        unsentConflicts: names.describe('those of them that are on this machine alone'),
        session,
        arrived: version.describe('the newest that the server has of that session'),
        waiting: z
          .array(z.strictObject({ name: text, macName: orNull(text), at: time, usedBytes: bytes }))
          .describe('on the server: conflicts there'),
        remarks: z.array(z.strictObject({ level, text })),
      }),
    ),
    macs: z
      .array(z.strictObject({ macName: text, lastSeen: time, user: text, level, text: orNull(text) }))
      .describe('on the server: the Macs that it knows'),
  },
  snapshots: {
    snapshots: z.array(
      z.strictObject({
        name: text,
        macName: orNull(text),
        time,
        changedBytes: bytes,
        here: z.enum(['all', 'some', 'none']),
        onServer: z.enum(['all', 'some', 'none']),
      }),
    ),
  },
  versions: {
    versions: z.array(
      z.strictObject({
        kind: text,
        bytes,
        modified: time,
        target: text.optional(),
        first: knownSnapshot,
        last: knownSnapshot,
      }),
    ),
    snapshotsOnServerOnly: count,
  },
  diff: {
    from: orNull(z.array(z.strictObject({ dataset: text, name: text, time }))),
    until: orNull(z.array(z.strictObject({ dataset: text, name: text, time }))).describe('null: now'),
    changes: z.array(
      z.strictObject({
        change: z.enum(['added', 'removed', 'modified', 'renamed']),
        type: text,
        path: orNull(text),
        to: orNull(text),
        before: orNull(bytes),
        after: orNull(bytes),
      }),
    ),
    notCompared: names,
  },
  restore: {
    snapshots: z.array(knownSnapshot),
    target: text,
    warnings: names,
    leftBehind: names,
    restored: z.array(z.strictObject(path)),
    kept: z.array(z.strictObject({ ...path, as: text })),
    skipped: left,
    failed: left,
  },
  rollback: {
    dataset: text,
    snapshot: text,
    done: z.boolean(),
    keptAs: orNull(text),
    lostBytes: orNull(bytes),
    newerSnapshots: orNull(names),
    commands: z.array(names),
  },
  'conflicts list': {
    conflicts: z.array(
      z.strictObject({
        name: text,
        user: text,
        onMac: orNull(text),
        onServer: orNull(text),
        since: orNull(time).describe('null: it has no snapshot'),
        newest: orNull(time),
      }),
    ),
  },
  'conflicts show': {
    name: text,
    user: text,
    macName: orNull(text),
    since: orNull(time).describe('null: it has no snapshot'),
    newest: orNull(time),
    onMac: conflictSide,
    onServer: conflictSide,
    next: names,
  },
  'conflicts diff': {
    differences: z.array(
      z.strictObject({
        ...path,
        kind: z.enum(['only-conflict', 'only-home', 'different', 'unknown']),
        conflict: entry.optional(),
        home: entry.optional(),
        below: below.optional(),
        aspects: names.optional(),
        why: text.optional(),
      }),
    ),
  },
  'conflicts restore': {
    target: text,
    warnings: names,
    leftBehind: names,
    restored: z.array(z.strictObject(path)),
    kept: z.array(z.strictObject({ ...path, as: text })),
    beside: z.array(z.strictObject({ ...path, as: text })),
    skipped: left,
    failed: left,
  },
  'conflicts discard': {
    destroyed: z.boolean().describe('false: not confirmed, and no other field is there'),
    dataset: text.optional(),
    user: text.optional(),
    datasets: z.array(seen).optional(),
    snapshots: count.optional(),
    usedBytes: bytes.optional(),
    unsnapshottedBytes: bytes.optional(),
    since: orNull(time).optional(),
    newest: orNull(time).optional(),
    elsewhere: z.enum(['all', 'some', 'none', 'unknown']).optional(),
  },
  'exclude add': {
    folders: z.array(z.strictObject({ path: text, outcome: z.enum(['moved', 'already', 'listed']) })),
    ...sent,
  },
  'exclude remove': { folders: z.array(z.strictObject({ path: text, as: orNull(text) })), ...sent },
  'exclude list': {
    folders: z.array(
      z.strictObject({
        path: orNull(text),
        onList: orNull(z.boolean()),
        here: z.enum(['whole', 'incomplete', 'none']),
        dataset: orNull(text),
        usedBytes: bytes,
        mounted: z.boolean(),
      }),
    ),
  },
  tend: tended,
  'tend --dry-run': {
    dryRun: z.literal(true),
    end: z.array(
      z.strictObject({ dataset: text, pid: count, ageMs: count, because: z.enum(['idle', 'old']) }),
    ),
    abort: z.array(
      z.strictObject({ dataset: text, idleMs: count, ageMs: count, because: z.enum(['idle', 'old']) }),
    ),
    remove: z.array(mergedBranch),
    compare: z.array(mergedBranch),
    destroy: z.array(z.strictObject({ dataset: text, datasets: z.array(seen) })),
    unproven: names,
  },
  thin: thinned,
  'thin --dry-run': {
    dryRun: z.literal(true),
    datasets: z.array(
      z.strictObject({
        dataset: text,
        freedBytes: orNull(bytes),
        keep: kept,
        go: kept,
        expiredBookmarks: names,
      }),
    ),
    hold: names,
    release: names,
  },
  'thin --server --tend': {
    thin: orNull(z.strictObject(thinned)).describe('null: it failed, `problems` says why'),
    tend: orNull(z.strictObject(tended)),
  },
  'schedule explain': {
    timeMachine: orNull(text),
    autobackup: orNull(text),
    newest: count,
    rules: z.array(z.looseObject({ interval: z.unknown(), life: z.unknown() })),
    words: names,
    leftOfYear: z.array(z.unknown()),
  },
  'provision server': provisioned,
  'provision client': provisioned,
  'provision role': provisioned,
  'provision key add': provisioned,
  'provision key revoke': provisioned,
  'provision key list': {
    keys: z.array(
      z.strictObject({
        type: text,
        base64: text,
        comment: text,
        fingerprint: text,
        mac: orNull(text),
        options: text,
        added: orNull(text),
      }),
    ),
  },
  'provision user add': provisioned,
  'provision user add --csv': {
    dryRun: z.boolean(),
    done: count,
    already: count,
    failed: count,
    left: count.describe('not tried'),
    lines: z.array(z.strictObject({ line: count, user: text, what: text })),
    changes: z.array(change),
  },
  'provision user remove': provisioned,
  'provision user move': provisioned,
  'provision user list': {
    users: z.array(
      z.strictObject({
        user: text,
        uid: orNull(count),
        problems: names,
        home: orNull(
          z.strictObject({
            dataset: text,
            usedBytes: bytes,
            quotaBytes: orNull(bytes),
            lastSnapshot: orNull(time),
            session: orNull(z.strictObject({ macName: text, since: time })),
          }),
        ),
      }),
    ),
  },
  install: {
    dryRun: z.boolean(),
    actions: z.array(z.strictObject({ kind: text, does: text, details: names })),
  },
  uninstall: {
    dryRun: z.boolean(),
    actions: z.array(z.strictObject({ kind: text, does: text, details: names })),
  },
  doctor: {
    level,
    checks: z.array(
      z.strictObject({
        name: text,
        level,
        findings: z.array(
          z.strictObject({
            level,
            what: text,
            remedy: orNull(z.strictObject({ where: z.enum(['here', 'server']), text, commands: names })),
          }),
        ),
      }),
    ),
  },
  'config show': {
    settings: z.record(text, z.strictObject({ value: z.unknown(), source: orNull(text) })),
    mistakes: settingMistakes,
  },
  'config get': { key: text, value: z.unknown().describe('null: it has none'), source: orNull(text) },
  'config set': {
    dryRun: z.boolean(),
    path: text,
    key: text,
    value: z.unknown(),
    before: z.unknown(),
    changed: z.boolean().describe('false: it said so already'),
    inEffect: z.boolean().describe('false: a dry run, or a stronger source overrules it'),
  },
  'config check': {
    isSetUp: z.boolean(),
    sources: names.describe('that have a setting, the weakest first'),
    mistakes: settingMistakes,
  },
  'config path': {
    path: text,
    files: z.array(z.strictObject({ path: text, exists: z.boolean() })).describe('the weakest first'),
  },
};

/** What each command prints when it does its work, by its name and the options that give it another shape. */
export const shapes: ReadonlyMap<string, z.ZodObject> = new Map(
  Object.entries(fields).map(([name, own]) => [name, z.strictObject({ ...envelope, ...own })]),
);

/** What every command prints when it cannot begin. */
export const failureShape = z.strictObject({
  roamhome: z.literal(1),
  ok: z.literal(false),
  exitCode: count,
  error: problem,
});
