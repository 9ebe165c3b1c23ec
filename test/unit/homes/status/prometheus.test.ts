import { expect, test } from 'vitest';
import { prometheusText } from '../../../../src/homes/status/prometheus.ts';
import { statusOf, tree } from '../../../support/status/statuses.ts';

/** Reads the text format as strictly as Prometheus does: throws for whatever is not of it. */
function parseExposition(text: string): ReadonlyMap<string, number> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const samples = new Map<string, number>();
  let [helped, typed] = ['', ''];
  for (const line of text.slice(0, -1).split('\n')) {
    const [, keyword, name = ''] = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (?:gauge$|\S)/.exec(line) ?? [];
    if (keyword === 'HELP') helped = name;
    else if (keyword === 'TYPE') {
      if (!line.endsWith(' gauge') || name !== helped || samples.has(name)) throw new Error(line);
      typed = name;
    } else {
      const sample = /^([a-z_]+)(\{(?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)*\})? (-?\d+(?:\.\d+)?)$/.exec(line);
      // The samples of a metric stand together, below its type.
      if (sample?.[1] !== typed) throw new Error(line);
      const key = `${typed}${sample[2] ?? ''}`;
      if (samples.has(key)) throw new Error(`twice: ${key}`);
      samples.set(key, Number(sample[3]));
    }
  }
  return samples;
}

const alice = statusOf({
  local: tree('local', '@a:1 @b:2'),
  server: tree('server', '@a:1', { 'roamhome:session': 'mac7,2026-11-26T09:00:00Z' }),
  pendingSince: 1_700_000_000_500,
  lacks: null,
});

test('a textfile that Prometheus reads', () => {
  const samples = parseExposition(
    prometheusText({
      ...{ homes: [alice, { ...alice, user: 'b\\o"b\n' }], macs: [], level: 'warning' },
      ...{ serverReachable: true, now: 1_700_000_001_999 },
    }),
  );
  const of = (name: string): number | undefined => samples.get(`roamhome_${name}`);
  expect(of('status_timestamp_seconds')).toBe(1_700_000_001);
  expect(of('status_level')).toBe(1);
  expect(of('server_reachable')).toBe(1);
  expect(of('home_state{user="alice",state="pending"}')).toBe(1);
  expect(of('home_state{user="alice",state="in-sync"}')).toBe(0);
  expect(of('home_last_sync_timestamp_seconds{user="alice"}')).toBe(1);
  expect(of('home_head_timestamp_seconds{user="alice",side="local"}')).toBe(2);
  expect(of('home_unsent_snapshots{user="alice"}')).toBe(1);
  expect(of('home_pending_since_timestamp_seconds{user="alice"}')).toBe(1_700_000_000);
  expect(of('home_logged_in{user="alice"}')).toBe(1);
  expect(of('home_used_bytes{user="alice",side="server"}')).toBe(3_113_851_289);
  expect(of('home_snapshots{user="b\\\\o\\"b\\n",side="local"}')).toBe(2);
});

test('with no home, and the server not asked', () => {
  expect([
    ...parseExposition(
      prometheusText({ homes: [], macs: [], level: 'ok', serverReachable: null, now: 5000 }),
    ),
  ]).toEqual([
    ['roamhome_status_timestamp_seconds', 5],
    ['roamhome_status_level', 0],
  ]);
});
