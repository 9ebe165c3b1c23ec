import type { History } from './history.ts';

/** Histories that went wrong once, as small as they could be made, and what happens in them. */
export const foundHistories: readonly (readonly [string, History])[] = [
  [
    'a raw home has gone two ways in one dataset, and in another a snapshot without changes is in the way',
    {
      ...{ children: true, raw: true },
      events: [
        {
          ...{ do: 'session', mac: 0, entering: null, works: true, end: 'logout' },
          ...{ checkpoint: { kind: 'killed-at-byte', bytes: 2017 } },
          leaving: { kind: 'killed-at-byte', bytes: 1 },
        },
        {
          ...{ do: 'session', mac: 1, works: true, end: 'logout' },
          entering: { kind: 'cut-at-byte', bytes: 2588 },
          leaving: { kind: 'killed', when: 'before', command: 1 },
        },
        { do: 'network', mac: 0, online: false },
        { do: 'foreign-snapshot', mac: 0, blank: false },
        { do: 'checkpoint', mac: 0, fault: null },
      ],
    },
  ],
  [
    'a line of a raw home goes beside it from a snapshot of another tool, which an admin has to remove later',
    {
      ...{ children: false, raw: true },
      events: [
        {
          ...{ do: 'session', mac: 0, entering: null, works: false, end: 'logout' },
          leaving: { kind: 'killed', when: 'before', command: 1 },
        },
        {
          ...{ do: 'session', mac: 1, works: true, end: 'logout', leaving: null },
          entering: { kind: 'meanwhile', command: 3, what: 'snapshot-on-server' },
        },
        { do: 'session', mac: 0, entering: null, works: true, end: 'power-cut', leaving: null },
        { do: 'foreign-snapshot', mac: 'server', blank: false },
      ],
    },
  ],
  [
    'another tool snapshots the home on a Mac while the server’s newest comes in',
    {
      children: false,
      events: [
        { do: 'session', mac: 0, entering: null, works: true, end: 'logout', leaving: null },
        { do: 'session', mac: 1, entering: null, works: false, end: 'logout', leaving: null },
        { do: 'session', mac: 0, entering: null, works: true, end: 'logout', leaving: null },
        { do: 'login', mac: 1, fault: { kind: 'meanwhile-at-byte', bytes: 1500, what: 'snapshot-here' } },
      ],
    },
  ],
  [
    'another tool snapshots the home on the server while a logout sends to it',
    {
      children: false,
      events: [
        { do: 'session', mac: 0, entering: null, works: true, end: 'logout', leaving: null },
        {
          ...{ do: 'session', mac: 0, entering: null, works: true, end: 'logout' },
          leaving: { kind: 'meanwhile-at-byte', bytes: 1500, what: 'snapshot-on-server' },
        },
      ],
    },
  ],
  [
    'the user comes to another Mac while a logout sends the home',
    {
      children: false,
      events: [
        { do: 'session', mac: 0, entering: null, works: true, end: 'logout', leaving: null },
        { do: 'session', mac: 1, entering: null, works: false, end: 'logout', leaving: null },
        {
          ...{ do: 'session', mac: 0, entering: null, works: true, end: 'logout' },
          leaving: { kind: 'meanwhile-at-byte', bytes: 1500, what: 'login-elsewhere' },
        },
      ],
    },
  ],
  [
    'a line goes to a branch, and below the home is a dataset that no branch can have',
    {
      children: true,
      blanks: true,
      events: [
        { do: 'login', mac: 0, fault: { kind: 'killed', when: 'before', command: 5 } },
        { do: 'logout', mac: 0, fault: { kind: 'killed', when: 'before', command: 1 } },
        { do: 'clock', seconds: -1 },
        {
          ...{ do: 'session', mac: 0, works: true, end: 'logout' },
          entering: { kind: 'meanwhile-at-byte', bytes: 300, what: 'snapshot-here' },
          leaving: { kind: 'meanwhile-at-byte', bytes: 2720, what: 'snapshot-on-server' },
        },
      ],
    },
  ],
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
  [
    'a line is set aside on a Mac while the server has no room for it',
    {
      children: true,
      events: [
        { do: 'session', mac: 0, entering: null, works: true, end: 'logout', leaving: null },
        { do: 'session', mac: 1, entering: null, works: false, end: 'logout', leaving: null },
        { do: 'network', mac: 1, online: false },
        { do: 'session', mac: 1, entering: null, works: true, end: 'logout', leaving: null },
        { do: 'network', mac: 1, online: true },
        { do: 'session', mac: 0, entering: null, works: true, end: 'logout', leaving: null },
        { do: 'fill', mac: 'server', full: true },
        { do: 'login', mac: 1, fault: null },
      ],
    },
  ],
  [
    'a raw home with datasets below it meets a conflict on the Mac where it was made',
    {
      children: true,
      raw: true,
      events: [
        { do: 'session', mac: 0, entering: null, works: true, end: 'logout', leaving: null },
        { do: 'session', mac: 1, entering: null, works: false, end: 'logout', leaving: null },
        { do: 'network', mac: 0, online: false },
        { do: 'session', mac: 0, entering: null, works: true, end: 'logout', leaving: null },
        { do: 'network', mac: 0, online: true },
        { do: 'session', mac: 1, entering: null, works: true, end: 'logout', leaving: null },
        { do: 'login', mac: 0, fault: null },
        { do: 'power-cut', mac: 0 },
      ],
    },
  ],
  [
    'the server tends a branch of a raw home that the home has by now',
    {
      children: false,
      volumes: false,
      raw: true,
      blanks: false,
      events: [
        {
          do: 'session',
          mac: 0,
          entering: { kind: 'killed', when: 'before', command: 1 },
          works: false,
          browses: false,
          end: 'logout',
          leaving: null,
        },
        {
          do: 'session',
          mac: 2,
          entering: { kind: 'cut-at-byte', bytes: 417 },
          works: true,
          browses: false,
          end: 'stays',
          leaving: { kind: 'killed-at-byte', bytes: 1 },
        },
        {
          do: 'session',
          mac: 0,
          entering: null,
          works: false,
          browses: false,
          checkpoint: null,
          end: 'stays',
          leaving: null,
        },
        { do: 'checkpoint', mac: 2, fault: { kind: 'killed', when: 'before', command: 11 } },
        { do: 'edit', mac: 0 },
        { do: 'session', mac: 2, entering: null, works: false, browses: false, end: 'logout', leaving: null },
        { do: 'network', mac: 0, online: false },
      ],
    },
  ],
  [
    'a raw home has work on one Mac, and another tool’s empty snapshots on the server that the other Macs have too',
    {
      children: true,
      volumes: false,
      raw: true,
      blanks: false,
      events: [
        { do: 'logout', mac: 0, fault: null },
        {
          do: 'session',
          mac: 1,
          entering: { kind: 'meanwhile-at-byte', bytes: 300, what: 'snapshot-here' },
          works: false,
          browses: false,
          end: 'stays',
          leaving: { kind: 'cut-at-byte', bytes: 1 },
        },
        { do: 'edit', mac: 1 },
        { do: 'foreign-snapshot', mac: 'server', blank: false },
      ],
    },
  ],
  [
    'a branch of a raw home is cut off after another tool’s snapshot, before the line that it is for',
    {
      children: false,
      volumes: false,
      raw: true,
      blanks: false,
      events: [
        {
          do: 'session',
          mac: 0,
          entering: {
            kind: 'cut-at-byte',
            bytes: 1,
          },
          works: true,
          browses: false,
          end: 'logout',
          leaving: {
            kind: 'meanwhile-at-byte',
            bytes: 790,
            what: 'snapshot-on-server',
          },
        },
        {
          do: 'session',
          mac: 0,
          entering: {
            kind: 'killed',
            when: 'before',
            command: 1,
          },
          works: false,
          browses: false,
          end: 'logout',
          leaving: {
            kind: 'killed',
            when: 'before',
            command: 1,
          },
        },
        {
          do: 'network',
          mac: 0,
          online: false,
        },
        {
          do: 'session',
          mac: 1,
          entering: null,
          works: true,
          browses: false,
          checkpoint: {
            kind: 'killed-at-byte',
            bytes: 347,
          },
          end: 'power-cut',
          leaving: null,
        },
      ],
    },
  ],
];
