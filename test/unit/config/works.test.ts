import { expect, test } from 'vitest';
import { defaultsFor } from '../../../src/config/defaults.ts';
import { readLayer } from '../../../src/config/layer.ts';
import { mergeLayers } from '../../../src/config/merge.ts';
import { readSetFlags } from '../../../src/config/set-flags.ts';
import { tellMistakes } from '../../../src/config/tell-mistakes.ts';
import { refusalOf, type Work } from '../../../src/config/works.ts';

const defaults = defaultsFor('linux', 'mac7');
const loaded = (...contents: readonly unknown[]) =>
  mergeLayers(
    defaults,
    contents.map((content, i) => readLayer(`/etc/${i}`, content)),
  );
const works: readonly Work[] = [
  ...([
    'look',
    'session',
    'ask-server',
    'send',
    'thin-mac',
    'thin-server',
    'explain-schedule',
    'tend',
  ] as const),
  ...(['change', 'authorise', 'provision-machine', 'provision-users', 'install'] as const),
];
const refused = (content: unknown): readonly string[] =>
  works.filter((work) => refusalOf(work, loaded(content)) !== null);
const allButLooking = works.filter((work) => work !== 'look' && work !== 'session');

test.each<[string, unknown, readonly Work[]]>([
  ['an unknown setting refuses nothing', { server: { compression: 'zstd' }, colour: 1 }, []],
  ['nor does a log level', { log: { level: 'loud' } }, []],
  ['nor does a limit', { limits: { stallSeconds: 'x' } }, []],
  ['what is sent how', { policies: { sendFlags: 'rwa' } }, ['send']],
  ['where a home’s key is', { local: { homeKeyDirectory: 'keys' } }, ['send']],
  [
    'where the server is',
    { server: { port: 'x' } },
    [
      ...(['ask-server', 'send', 'thin-mac', 'change'] as const),
      ...(['provision-machine', 'provision-users'] as const),
    ],
  ],
  ['a schedule', { thinning: { schedule: 7 } }, ['thin-mac', 'thin-server', 'explain-schedule']],
  ['which snapshots are ours', { thinning: { match: '(' } }, ['thin-mac', 'thin-server', 'explain-schedule']],
  ['how long a transfer may wait', { limits: { partialIdleSeconds: 1 } }, ['tend']],
  [
    'where the server keeps conflicts',
    { server: { conflictsRoot: '-x' } },
    [
      ...(['send', 'thin-server', 'tend', 'change', 'authorise'] as const),
      ...(['provision-machine', 'provision-users'] as const),
    ],
  ],
  ['the directory', { directory: { uidMin: 'x' } }, ['provision-users']],
  ['a section that is none', { jobs: [] }, ['install']],
  ['a source that is no settings at all', 'x', allButLooking],
])('%s', (_name, content, want) => {
  expect(refused(content)).toEqual(want);
});

test('a wrong value that another source overrides refuses nothing, one that overrides does', () => {
  const [wrong, right] = [{ thinning: { match: '(' } }, { thinning: { match: '^mine-' } }];
  expect(refusalOf('thin-mac', loaded(wrong, right))).toBeNull();
  const over = loaded(right, wrong);
  expect(over.config.thinning.match).toBe('^mine-');
  expect(refusalOf('thin-mac', over)).toMatchObject({
    code: 'config-invalid',
    message: expect.stringContaining('/etc/1: thinning.match: found "("') as string,
    remedy: 'Correct thinning.match in /etc/1; then check the settings: `roamhome config show`.',
  });
});

test('what lets somebody in, or makes a home, is not let in or made by a default', () => {
  const { config } = loaded(
    { policies: { loggedInElsewhere: 'allow', createOnServer: true } },
    { policies: { loggedInElsewhere: 'dney', createOnServer: 'no' } },
  );
  expect(config.policies).toMatchObject({ loggedInElsewhere: 'deny', createOnServer: false });
});

test.each<[string, unknown, string]>([
  [
    'an unknown setting, with what was meant',
    { server: { adress: 'x' } },
    '/etc/0: this version knows no setting server.adress (did you mean server.address?). It is ignored. Correct server.adress in /etc/0; then check the settings: `roamhome config show`.',
  ],
  [
    'a wrong value, with what stands in for it',
    { server: { port: 'x' } },
    '/etc/0: server.port: found "x", expected a TCP port, 1 to 65535. 22 stands in for it. Correct server.port in /etc/0; then check the settings: `roamhome config show`.',
  ],
  [
    'one that has no default',
    { server: { address: '-o' } },
    '/etc/0: server.address: found "-o", expected a host name or an IP address. It counts as not set. Correct server.address in /etc/0; then check the settings: `roamhome config show`.',
  ],
  [
    'a whole source',
    [],
    '/etc/0: found [], expected a group of settings. Nothing of it is in effect. Correct /etc/0; then check the settings: `roamhome config show`.',
  ],
])('a mistake is told: %s', (_name, content, want) => {
  expect(tellMistakes(loaded(content))).toEqual([want]);
});

test('a mistake on the command line is cured there', () => {
  const [text] = tellMistakes(mergeLayers(defaults, [readSetFlags(['server.prot=1'])]));
  expect(text).toMatch(/Correct the command line, and run it again\.$/);
});
