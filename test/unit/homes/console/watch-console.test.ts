import { expect, test } from 'vitest';
import { RoamhomeError } from '../../../../src/errors/errors.ts';
import { silentLog } from '../../../../src/log/silent-log.ts';
import { followConsole } from '../../../../src/homes/console/follow-console.ts';
import { watchConsole } from '../../../../src/homes/console/watch-console.ts';

const uids = new Map([
  ['alice', 501],
  ['bob', 502],
]);
const person = (name: string) => ({ name, uid: uids.get(name) ?? 0 });
const names = (text: string): readonly string[] => (text === '' ? [] : text.split(' '));

test.each([
  // before, at the console, whose sessions there are: who is in, who came, who left
  ['nobody comes', '', null, '', '', '', ''],
  ['one comes', '', 'alice', 'alice', 'alice', 'alice', ''],
  ['one comes whose session is not seen yet', '', 'alice', '', 'alice', 'alice', ''],
  ['one stays', 'alice', 'alice', 'alice', 'alice', '', ''],
  ['one leaves', 'alice', null, '', '', '', 'alice'],
  ['the login window over a session', 'alice', null, 'alice', 'alice', '', ''],
  ['a second one comes', 'alice', 'bob', 'alice bob', 'alice bob', 'bob', ''],
  ['one leaves for another', 'alice', 'bob', 'bob', 'bob', 'bob', 'alice'],
  ['the one in the background leaves', 'alice bob', 'bob', 'bob', 'bob', '', 'alice'],
  ['both leave', 'alice bob', null, '', '', '', 'alice bob'],
  ['a session that never was at the console', '', null, 'alice', '', '', ''],
])('%s', (_name, before, console, sessions, now, came, left) => {
  const changes = followConsole(
    new Map(names(before).map((name) => [name, person(name).uid])),
    console === null ? null : person(console),
    new Set(names(sessions).map((name) => person(name).uid)),
  );
  expect([...changes.now.keys()]).toEqual(names(now));
  expect([changes.came, changes.left]).toEqual([names(came), names(left)]);
});

/** Looks once for each entry, and ends. `mounted`: whose home is. */
async function watch(looks: readonly (string | null | Error)[], mounted = new Set<string>()) {
  const called: string[] = [];
  const ending = new AbortController();
  const left = [...looks];
  await watchConsole({
    observe: () => {
      const look = left.shift() ?? null;
      if (left.length === 0) ending.abort(new Error('told to end'));
      if (look instanceof Error) return Promise.reject(look);
      const sessions = look === null ? [] : [person(look).uid];
      return Promise.resolve({ user: look, sessions: new Set(sessions) });
    },
    uidOf: (user) => Promise.resolve(uids.get(user) ?? null),
    isMounted: (user) => Promise.resolve(mounted.has(user)),
    run: (what, user) => {
      called.push(`${what} ${user}`);
      if (what === 'login') mounted.add(user);
      else mounted.delete(user);
      return Promise.resolve(user === 'bob' ? 75 : 0);
    },
    pause: () => (ending.signal.aborted ? Promise.reject(new Error('aborted')) : Promise.resolve()),
    log: silentLog,
    signal: ending.signal,
  });
  return called;
}

const trouble = new RoamhomeError({ code: 'command-failed', message: 'stat: no', remedy: 'x' });

test.each<[string, (string | null | Error)[], string[], string[]]>([
  ['a session', [null, 'alice', 'alice', null], [], ['login alice', 'logout alice']],
  ['another one takes over', ['alice', 'bob'], [], ['login alice', 'logout alice', 'login bob']],
  ['a failure is not repeated', ['bob', 'bob', null, null], [], ['login bob', 'logout bob']],
  ['it starts with somebody logged in, whose home is there', ['alice', 'alice'], ['alice'], []],
  ['it starts with somebody logged in, whose home is not', ['alice', 'alice'], [], ['login alice']],
  ['who was there at the start leaves', ['alice', null], ['alice'], ['logout alice']],
  ['the hook has done the logout', [null], [], []],
  ['a system account', ['_mbsetupuser', null], [], []],
  [
    'what cannot be seen changes nothing',
    ['alice', trouble, trouble, 'alice', null],
    [],
    ['login alice', 'logout alice'],
  ],
])('watching: %s', async (_name, looks, mounted, want) => {
  expect(await watch(looks, new Set(mounted))).toEqual(want);
});

test('a bug ends it', async () => {
  await expect(watch([new TypeError('a bug'), null])).rejects.toThrow('a bug');
});
