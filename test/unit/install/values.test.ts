import { describe, expect, test } from 'vitest';
import { chooseNode } from '../../../src/install/choose-node.ts';
import { fillTemplate } from '../../../src/install/fill-template.ts';
import { launchdValues, xmlText } from '../../../src/install/launchd-values.ts';
import { systemdValues } from '../../../src/install/systemd-values.ts';
import { parseTimeOfDay, spreadMinutes } from '../../../src/install/time-of-day.ts';
import { installation } from '../../support/install/machines.ts';

test('fills in what a template asks for', () => {
  expect(fillTemplate('{{a}} {{b}} {{a}} {c}', { a: '$&', b: '{{a}}' })).toBe('$& {{a}} $& {c}');
  expect(() => fillTemplate('{{nobody}}', {})).toThrow(/asks for nobody/);
});

test.each([
  ['12:43', { hour: 12, minute: 43 }],
  ['00:07', { hour: 0, minute: 7 }],
  ['*:17', { hour: null, minute: 17 }],
])('%s is a time', (text, want) => {
  expect(parseTimeOfDay(text)).toEqual(want);
});

test('minutes are apart by what was asked for, and spread over machines', () => {
  for (const every of [1, 5, 15, 20, 60]) {
    const minutes = spreadMinutes(every, 'mac-a');
    expect(minutes).toHaveLength(60 / every);
    minutes.forEach((minute, index) => {
      expect(minute).toBe((minutes[0] ?? 0) + index * every);
      expect(minute).toBeLessThan(60);
    });
  }
  const firsts = Array.from({ length: 300 }, (_, index) => spreadMinutes(15, `mac-${index}`)[0]);
  expect(new Set(firsts).size).toBe(15);
  expect(spreadMinutes(15, 'mac-a')).toEqual(spreadMinutes(15, 'mac-a'));
});

describe('launchd', () => {
  test('a time of day has an hour, a time of each hour has none', () => {
    const { thinCalendar = '', serverCalendar = '' } = launchdValues(installation());
    expect(thinCalendar.match(/<key>(\w+)<\/key>\s*<integer>\d+/g)).toHaveLength(2);
    expect(thinCalendar).toMatch(/Hour<\/key>\s*<integer>3</);
    expect(serverCalendar).not.toContain('Hour');
    expect(serverCalendar).toMatch(/Minute<\/key>\s*<integer>17</);
  });

  test('text is XML', () => {
    expect(xmlText('</string>&amp;"ä')).toBe('&lt;/string&gt;&amp;amp;"ä');
    expect(launchdValues(installation({ node: '/a & b/node' }))['node']).toBe('/a &amp; b/node');
  });
});

test.each([
  ['/usr/bin/x', '"/usr/bin/x"', '"/usr/bin/x"'],
  ['/a b/50%/$HOME', '"/a b/50%%/$$HOME"', '"/a b/50%%/$HOME"'],
  ['/"x"\\', '"/\\"x\\"\\\\"', null],
])('systemd: the path %s', (path, program, node) => {
  expect(systemdValues(installation({ program: path }))['program']).toBe(program);
  const values = () => systemdValues(installation({ node: path }));
  if (node === null) expect(values).toThrow(/has quotes or a backslash/);
  else expect(values()['node']).toBe(node);
});

test('systemd: times and directories', () => {
  expect(systemdValues(installation({ spoolDir: '/a b/50%' }))).toMatchObject({
    spoolDir: '/a b/50%%',
    thinCalendar: '*-*-* 3:05:00',
    serverCalendar: '*-*-* *:17:00',
    pendingCalendar: '*-*-* *:00/15:00',
    checkpointMinutes: '10',
  });
});

test.each<[string, Record<string, string>, string]>([
  [
    'the link that leads to it',
    { '/usr/local/bin/node': '/n', '/usr/bin/node': '/m' },
    '/usr/local/bin/node',
  ],
  ['itself when a link leads elsewhere', { '/usr/local/bin/node': '/m' }, '/n'],
  ['itself when there is no link', {}, '/n'],
])('node: %s', (_name, links, want) => {
  expect(chooseNode('/n', (path) => (path === '/n' ? '/n' : (links[path] ?? null)))).toBe(want);
});
