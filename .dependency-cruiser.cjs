/* Arrows point one way (docs/architecture.md): cli -> wire -> homes, ... -> sync, thinning -> zfs -> host -> errors. */
const only = (name, comment, from, allowed) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { path: '^src/', pathNot: allowed },
});

/** What macOS and Linux do differently stands behind it: those who use it see neither. */
const platform = '^src/platform/[^/]+\\.ts$';
/** What a person does with a home: not what a login or a logout needs. */
const byHand = 'conflicts|history|excluded|files';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'not-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    only('errors-import-nothing', 'errors/ is the bottom', '^src/errors/', '^src/errors/'),
    only('format', 'sizes and times for people: imports nothing', '^src/format/', '^src/format/'),
    only(
      'progress',
      'what a run tells while it goes on, whoever listens',
      '^src/progress/',
      '^src/(progress|format)/',
    ),
    only(
      'watchers',
      'who shows a run to people and programs',
      '^src/watchers/',
      '^src/(watchers|progress|format|host)/',
    ),
    only(
      'notification',
      'what a session begins with, as the user and of one file',
      '^src/homes/notification/',
      `^src/(homes/notification|errors)/|^src/progress/(user-words|run)\\.ts$|${platform}`,
    ),
    only('host-below-zfs', 'host/ knows no zfs', '^src/host/', '^src/(host|errors)/'),
    only('zfs-below-sync', 'zfs/ runs on hosts', '^src/zfs/', '^src/(zfs|host|errors)/'),
    only(
      'sync-below-homes',
      'versions, relation, plan, transfer: no home, Mac or login in it',
      '^src/sync/',
      '^src/(sync|progress|format|zfs|host|errors)/',
    ),
    only('platform', 'runs commands of the system', '^src/platform/', '^src/(platform|host|errors)/'),
    {
      name: 'platform-stands-before-its-systems',
      comment: 'what both have in common knows neither',
      severity: 'error',
      from: { path: '^src/platform/[^/]+\\.ts$' },
      to: { path: '^src/platform/(linux|macos)/' },
    },
    {
      name: 'linux-and-macos-apart',
      severity: 'error',
      from: { path: '^src/platform/(linux|macos)/' },
      to: { path: '^src/platform/(linux|macos)/', pathNot: '^src/platform/$1/' },
    },
    only('config', '', '^src/config/', '^src/((config|host|errors)/|log/redact\\.ts$)'),
    only(
      'simulator',
      'the model of ZFS knows the names, the one channel program, what a resume token holds, and the interface that it stands behind',
      '^src/simulator/',
      '^src/(simulator/|zfs/(names|thinning-program|resume-token)\\.ts|host/|errors/)',
    ),
    only(
      'doctor',
      'looks at everything, changes nothing; nothing but the command line is above it',
      '^src/doctor/',
      `^src/(homes/(?!(${byHand}|tending|notification)/)|(doctor|install|sync|progress|format|config|log|zfs|host|errors)/|thinning/last-run\\.ts$|provision/(server/(wanted-server|wanted-limits|grants-below|shell-trial|sshd-ways-in)|key/key-line)\\.ts$)|${platform}`,
    ),
    {
      name: 'doctor-judges-without-io',
      comment:
        'what is made of the facts, and what of files and units says which Node they run, sees no clock and no I/O',
      severity: 'error',
      from: {
        path: '^src/(doctor/(checks/.*|finding|report|known|mac-checks|server-checks)|install/named-nodes)\\.ts$',
      },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?path$' },
    },
    only(
      'homes',
      'homes that follow their users: sees no cli, and nothing that removes',
      '^src/homes/(?!(tending|notification)/)',
      `^src/(homes/(?!(tending|notification)/)|(sync|progress|format|config|log|zfs|host|errors)/)|${platform}`,
    ),
    {
      name: 'sessions-below-what-is-done-by-hand',
      comment: 'login, logout, checkpoint and what they are made of',
      severity: 'error',
      from: { path: '^src/homes/([^/]+\\.ts$|(console|diverged|lock|mount|pending|presence|snapshots)/)' },
      to: { path: `^src/homes/(${byHand}|status)/` },
    },
    {
      name: 'status-reads',
      comment: 'how homes stand, read from both sides',
      severity: 'error',
      from: { path: '^src/homes/status/' },
      to: { path: `^src/homes/(${byHand})/` },
    },
    {
      name: 'files-of-any-tree',
      comment: 'compares and copies files, whoever asks',
      severity: 'error',
      from: { path: '^src/homes/files/' },
      to: { path: '^src/homes/(conflicts|history|excluded|status)/' },
    },
    {
      name: 'conflicts',
      comment: 'what a person does with what was set aside',
      severity: 'error',
      from: { path: '^src/homes/conflicts/' },
      to: { path: '^src/homes/(history|excluded|status)/' },
    },
    {
      name: 'excluded',
      comment: 'folders that are not synced: moved out of a home, and back',
      severity: 'error',
      from: { path: '^src/homes/excluded/' },
      to: { path: '^src/homes/(conflicts|history|status)/' },
    },
    {
      name: 'history',
      comment: 'what a person does with snapshots',
      severity: 'error',
      from: { path: '^src/homes/history/' },
      to: { path: '^src/homes/(excluded|status)/' },
    },
    {
      name: 'engines-apart',
      comment: 'each is built of sync/ and thinning/; none knows another',
      severity: 'error',
      from: { path: '^src/(homes|mirror|timemachine|clone)/' },
      to: { path: '^src/(homes|mirror|timemachine|clone|fleet)/', pathNot: '^src/$1/' },
    },
    only(
      'install',
      'what is set up, whichever system it is',
      '^src/install/',
      `^src/(install|config|host|errors)/|${platform}`,
    ),
    only(
      'gate',
      'what a key may do on the server: small, and nothing but what is needed to judge a word',
      '^src/gate/',
      '^src/(gate/|homes/presence/session-record\\.ts|homes/mount/excluded-folders\\.ts|sync/(properties|kept-here)\\.ts|zfs/(names|resume-token)\\.ts|host/(host|remote-words|others-can-change)\\.ts|errors/)',
    ),
    {
      name: 'gate-needs-no-package',
      severity: 'error',
      from: { path: '^src/gate/' },
      to: { path: 'node_modules/', pathNot: 'node_modules/@types/' },
    },
    only(
      'provision',
      'what an admin sets up, on this machine or another',
      '^src/provision/(?!user/)',
      '^src/((provision|install|config|platform|zfs|host|errors)/|gate/policy\\.ts$)',
    ),
    only(
      'provision-user',
      'users: their entries in a directory, and their homes, of which the conflicts know most',
      '^src/provision/user/',
      `^src/(homes/(?!(history|excluded|status|tending|notification)/)|(provision|directory|sync|format|zfs|host|errors)/)|${platform}`,
    ),
    only('directory', 'users in LDAP', '^src/directory/', '^src/(directory|config|host|errors)/'),
    only(
      'tending',
      'it looks at snapshots in a private place, as sessions do, and reads them with tar',
      '^src/homes/tending/',
      '^src/(homes/(tending/|diverged/conflict-user\\.ts$|mount/private-place\\.ts$)|(sync|log|zfs|host|errors)/|platform/(tar|running-program)\\.ts$)',
    ),
    only('thinning', '', '^src/thinning/', '^src/(thinning|sync|format|log|zfs|host|errors)/'),
    {
      name: 'only-tending-removes',
      comment:
        'sync destroys nothing; besides the server’s own job, only an explicit command of a person destroys a dataset, and only thinning a home’s snapshots',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot:
          '^src/(homes/tending/|thinning/(thin-dataset|thin-by-program|hold-heads)\\.ts|homes/(conflicts/discard|excluded/destroy-folder|history/remove-views)\\.ts|zfs/(commands/remove|remove-seen)\\.ts|simulator/commands/program\\.ts)',
      },
      to: { path: '^src/zfs/(commands/remove|remove-seen|thinning-program)\\.ts$' },
    },
    {
      name: 'only-sync-makes-streams',
      comment: 'what sends, resumes, discards or names a base is decided in sync/ alone',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/sync/' },
      to: { path: '^src/sync/(make-step|carry)\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'only-wire-builds',
      comment: 'hosts, logs and platforms are built in one place',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(wire|demo)/' },
      to: {
        path: '^src/(host/(local|ssh/(ssh|admin-host))|log/create-log|platform/(linux/linux-platform|macos/macos-platform))\\.ts$',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'wire-below-cli',
      severity: 'error',
      from: { path: '^src/wire/' },
      to: { path: '^src/(cli|start|demo|simulator)/' },
    },
    {
      name: 'commands-above-their-framework',
      comment: 'what all commands share knows none of them',
      severity: 'error',
      from: { path: '^src/cli/(framework|text)/' },
      to: { path: '^src/cli/(?!(framework|text)/)' },
    },
    {
      name: 'nothing-on-the-demo',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/demo/' },
      to: { path: '^src/demo/' },
    },
    {
      name: 'yargs-only-in-cli',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: 'node_modules/yargs' },
    },
    {
      name: 'execa-only-in-host',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/host/' },
      to: { path: 'node_modules/execa/' },
    },
    {
      name: 'ssh2-only-in-host',
      comment: 'and in the server of the demo',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(host/ssh/|demo/ssh-server\\.ts$)' },
      to: { path: 'node_modules/ssh2/' },
    },
    {
      name: 'ldapts-only-in-directory',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/directory/open-directory\\.ts$' },
      to: { path: 'node_modules/ldapts/' },
    },
    {
      name: 'winston-only-in-log',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/log/' },
      to: { path: 'node_modules/winston' },
    },
    {
      name: 'pure-files-do-no-io',
      comment: 'what plans, parses and names sees no clock and no I/O; of sync/ all but what moves the bytes',
      severity: 'error',
      from: {
        path: '^src/(sync/(?!transfer\\.)[a-z-]+|homes/(diverged/[a-z-]+|snapshots/trivial-.*|mount/excluded-folders|console/follow-console|files/aside-name|history/(parse-moment|home-history|choose-snapshots|plan-views|plan-rollback|split-words))|zfs/(names|stderr|command|parse|resume-token|commands/.*)|host/(ssh/known-hosts|remote-words)|thinning/(duration|schedule|schedule-error|notation|maximum-ages|thin|clock-leap|explain-schedule|picture|pins|describe-thinning|plan-thinning|plan-bookmarks|plan-holds|in-pieces)|provision/(task|describe-change|settings-file|server/(wanted-server|wanted-limits|lshell-section)|client/(wanted-client|disk)|key/(authorized-keys|public-key))|install/(plan-install|wanted|hooks|places|time-of-day|fill-template|launchd-values|systemd-values|desktop-values|describe-install|choose-node)|directory/(text|change|connection|account|group|plan-user|settings)|provision/user/(csv|size|plan-home|judge-user)|gate/(policy|forms|slots|judge|judge-stream|stream-head|split-package|target|refusal))\\.ts$',
      },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|zlib)$' },
    },
    {
      name: 'what-is-shown-does-no-io',
      comment: 'what is made of events and lists, and its words',
      severity: 'error',
      from: {
        path: '^src/(format/.*|progress/(event|track|words|user-words)|sync/forecast|homes/status/(home-status|judge|prometheus)|watchers/(bar-line|status-json|dialog-lines)|homes/notification/(run-status|notices))\\.ts$',
      },
      to: { dependencyTypes: ['core'] },
    },
    { name: 'src-not-from-test', severity: 'error', from: { path: '^src/' }, to: { path: '^test/' } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
    },
  },
};
