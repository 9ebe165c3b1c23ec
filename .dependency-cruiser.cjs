/* Arrows point one way (docs/architecture.md): cli -> session, ... -> replication -> zfs -> host -> errors. */
const only = (name, comment, from, allowed) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { path: '^src/', pathNot: allowed },
});

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
      '^src/notification/',
      '^src/(notification|platform|errors)/|^src/progress/(user-words|run)\\.ts$',
    ),
    only('host-below-zfs', 'host/ knows no zfs', '^src/host/', '^src/(host|errors)/'),
    only('zfs-below-replication', 'zfs/ runs on hosts', '^src/zfs/', '^src/(zfs|host|errors)/'),
    only(
      'replication-below-session',
      '',
      '^src/replication/',
      '^src/(replication|progress|format|zfs|host|errors)/',
    ),
    only(
      'platform',
      'platform/, macos/ and linux/ run host commands',
      '^src/(platform|macos|linux)/',
      '^src/(platform|macos|linux|host|errors)/',
    ),
    only('config', '', '^src/config/', '^src/(config|host|errors)/'),
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
      '^src/((doctor|install|status|session|replication|progress|format|config|log|platform|zfs|host|errors)/|thinning/last-run\\.ts$|provision/(server/(wanted-server|wanted-limits|grants-below|shell-trial|sshd-ways-in)|key/key-line)\\.ts$)',
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
      'session',
      'session/ sees no cli',
      '^src/session/',
      '^src/(session|replication|progress|format|config|log|platform|zfs|host|errors)/',
    ),
    only(
      'conflicts',
      'what a person does with what was set aside',
      '^src/conflicts/',
      '^src/(conflicts|session|replication|progress|format|config|log|platform|zfs|host|errors)/',
    ),
    only(
      'exclude',
      'folders that are not synced: moved out of a home, and back',
      '^src/exclude/',
      '^src/(exclude|conflicts|session|replication|format|config|log|platform|zfs|host|errors)/',
    ),
    only(
      'history',
      'what a person does with snapshots; it reads and copies files as conflicts/ does',
      '^src/history/',
      '^src/(history|conflicts|session|replication|progress|format|config|log|platform|zfs|host|errors)/',
    ),
    only(
      'install',
      'what is set up, whichever system it is: macos/ and linux/ stand behind interfaces of platform/',
      '^src/install/',
      '^src/(install|config|platform|host|errors)/',
    ),
    only(
      'gate',
      'what a key may do on the server: small, and nothing but what is needed to judge a word',
      '^src/gate/',
      '^src/(gate/|session/session-record\\.ts|replication/(properties|excluded-folders)\\.ts|zfs/(names|resume-token)\\.ts|host/(host|remote-words|others-can-change)\\.ts|errors/)',
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
      '^src/(provision|gate/policy\\.ts|install|config|platform|linux|macos|zfs|host|errors)',
    ),
    only(
      'status',
      'how homes stand, read from both sides',
      '^src/status/',
      '^src/(status|session|replication|progress|format|config|log|platform|zfs|host|errors)/',
    ),
    only(
      'provision-user',
      'users: their entries in a directory, and their homes, of which the conflicts know most',
      '^src/provision/user/',
      '^src/(provision|directory|conflicts|session|replication|format|platform|zfs|host|errors)/',
    ),
    only('directory', 'users in LDAP', '^src/directory/', '^src/(directory|config|host|errors)/'),
    only(
      'tending',
      'it looks at snapshots in a private place, as sessions do, and reads them with tar',
      '^src/tending/',
      '^src/((tending|replication|log|zfs|host|errors)/|session/private-place\\.ts$|platform/tar\\.ts$)',
    ),
    only('thinning', '', '^src/thinning/', '^src/(thinning|replication|format|log|zfs|host|errors)/'),
    {
      name: 'only-tending-removes',
      comment:
        'invariant 2: sync destroys nothing; besides the server’s own job, only an explicit command of a person destroys a dataset, and only thinning a home’s snapshots',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot:
          '^src/(tending/|thinning/(thin-dataset|thin-by-program|hold-heads)\\.ts|conflicts/discard\\.ts|exclude/destroy-folder\\.ts|history/remove-views\\.ts|zfs/(commands/remove|remove-seen)\\.ts|simulator/commands/program\\.ts)',
      },
      to: { path: '^src/zfs/(commands/remove|remove-seen|thinning-program)\\.ts$' },
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
      from: { path: '^src/', pathNot: '^src/(cli/|main\\.ts)' },
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
      from: { path: '^src/', pathNot: '^src/(host/|demo/ssh-server\\.ts$)' },
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
      comment: 'the planner, the parsers and the names see no clock and no I/O',
      severity: 'error',
      from: {
        path: '^src/(replication/(plan|relation|carry|brief|trivial-.*|excluded-folders)|zfs/(names|stderr|command|parse|resume-token|commands/.*)|host/(known-hosts|remote-words)|thinning/(duration|schedule|schedule-error|notation|maximum-ages|thin|clock-leap|explain-schedule|picture|pins|describe-thinning|plan-thinning|plan-bookmarks|plan-holds|in-pieces)|provision/(task|describe-change|settings-file|server/(wanted-server|wanted-limits|lshell-section)|client/(wanted-client|disk)|key/(authorized-keys|public-key))|install/(plan-install|wanted|hooks|places|time-of-day|fill-template|launchd-values|systemd-values|desktop-values|describe-install|choose-node)|session/follow-console|directory/(text|change|connection|account|group|plan-user|settings)|provision/user/(csv|size|plan-home|judge-user)|gate/(policy|forms|slots|judge|judge-stream|stream-head|split-package|target|refusal)|history/(parse-moment|home-history|choose-snapshots|plan-views|plan-rollback|split-words)|conflicts/aside-name)\\.ts$',
      },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|zlib)$' },
    },
    {
      name: 'what-is-shown-does-no-io',
      comment: 'what is made of events and lists, and its words',
      severity: 'error',
      from: {
        path: '^src/(format/.*|progress/(event|track|words|user-words)|replication/forecast|status/(home-status|judge|prometheus)|watchers/(bar-line|status-json|dialog-lines)|notification/(run-status|notices))\\.ts$',
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
