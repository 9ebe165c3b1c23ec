import { expect, test } from 'vitest';
import { namedNodes } from '../../../src/install/named-nodes.ts';
import { hooksDirectory } from '../../../src/install/places.ts';

const files = (texts: Readonly<Record<string, string>>) => ({
  files: new Map(Object.entries(texts).map(([path, text]) => [path, { text, mode: 0o644, isRoots: true }])),
});

test.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
  ['nothing is installed', {}, []],
  [
    'a unit, and its timer',
    {
      '/etc/systemd/system/roamhome-thin.service':
        '[Service]\nExecStart="/opt/100%%/node" "/x/main.js" thin\n',
      '/etc/systemd/system/roamhome-thin.timer': '[Timer]\nOnCalendar=*-*-* 3:05:00\n',
    },
    ['/opt/100%/node'],
  ],
  [
    'a plist and the hooks, of two',
    {
      '/Library/LaunchDaemons/org.roamhome.thin.plist':
        '<key>ProgramArguments</key>\n\t<array>\n\t\t<string>/opt/a&amp;b/node</string>\n\t\t<string>thin</string>\n',
      [`${hooksDirectory}/node`]: '/usr/local/bin/node\n',
      [`${hooksDirectory}/program`]: '/x/main.js\n',
    },
    ['/opt/a&b/node', '/usr/local/bin/node'],
  ],
])('the Node that is named: %s', (_name, texts, want) => {
  expect(namedNodes(files(texts))).toEqual(want);
});
