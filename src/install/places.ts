/** What `roamhome install` makes on a Mac besides the jobs; uninstalling leaves all but the hooks. */
export const support = '/Library/Application Support/roamhome';

/** Root's copies of the hooks: they are called whatever becomes of the package that they came from. */
export const hooksDirectory = `${support}/hooks`;

/** launchd/org.roamhome.newsyslog.conf rotates what is in it. */
export const macLogs = '/Library/Logs/roamhome';

/** What shows a user, at the beginning of their session, what their login had to say: launchd's agent, and the desktops'. */
export const notifyFiles = {
  macos: '/Library/LaunchAgents/org.roamhome.notify.plist',
  linux: '/etc/xdg/autostart/roamhome-notify.desktop',
} as const;

/** On a server: what stands before zfs behind lshell (provision/server/shell-zfs.ts). Without it lshell finds zfs itself. */
export const shellZfs = '/etc/roamhome/bin/zfs';

export const newsyslog = '/etc/newsyslog.d/org.roamhome.conf';
