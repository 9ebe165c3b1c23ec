import type { Run } from './run.ts';

/** Where something is to be seen to that only an admin can: there is nothing that a user could do. */
export const askAdmin = 'Something about your home needs your admin. Nothing is lost.';

const safe = {
  login: 'You see your home as it was last on this computer. Your work is safe here and is sent later.',
  rest: 'Your work is safe on this computer. It is sent as soon as the server answers.',
};

/**
 * What a user is told of a failure, by its code: without the names of datasets and without commands that they may not run. Pure.
 */
export function problemForUser(run: Run['what'], code: string): string {
  const kept = run === 'login' ? safe.login : safe.rest;
  if (run === 'restore') return `Files could not be brought back. Ask your admin, and name this: ${code}.`;
  switch (code) {
    case 'server-unreachable':
    case 'connection-lost':
    case 'stalled':
    case 'timed-out':
    case 'cancelled':
      return `The server cannot be reached now. ${kept}`;
    case 'locked':
      return `Your home is still being worked on. ${kept}`;
    case 'server-blocked':
      return 'Your work is safe. It cannot go into your home on the server yet, and goes there later by itself.';
    case 'no-space':
    case 'quota-exceeded':
      return 'There is no room left for your work. Delete what you do not need, or ask your admin.';
    case 'home-busy':
    case 'dataset-busy':
      return `A program still uses your home. Close all programs and log out again. ${kept}`;
    case 'no-snapshot':
      return 'Your last work is NOT saved in a snapshot yet. It is still on this computer. Do not delete anything there, and tell your admin now: no-snapshot.';
    case 'logged-in-elsewhere':
      return 'You are still logged in on another computer. Log out there first, or ask your admin.';
    case 'home-missing':
      return 'Your home is not on this computer yet. Log in again when the network is back, or ask your admin.';
    default:
      return `${run === 'login' ? 'Your home could not be brought up to date.' : 'Your work could not be sent.'} Ask your admin, and name this: ${code}.`;
  }
}
