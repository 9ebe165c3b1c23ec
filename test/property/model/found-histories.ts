import type { History } from './history.ts';

/** Histories that random ones have found to go wrong, as small as they could be made, and what was wrong. */
export const foundHistories: readonly (readonly [string, History])[] = [
  [
    'a first pull is cut, and the server has another home of several datasets when it is looked at again',
    {
      children: true,
      events: [
        { do: 'session', mac: 0, entering: null, works: false, end: 'logout', leaving: null },
        { do: 'session', mac: 2, entering: null, works: true, end: 'logout', leaving: null },
        { do: 'login', mac: 1, fault: { kind: 'cut-at-byte', bytes: 232 } },
        { do: 'rename-on-server' },
        { do: 'push', mac: 0, fault: null },
        { do: 'thin', mac: 0, fault: null },
        { do: 'edit', mac: 0 },
      ],
    },
  ],
];
