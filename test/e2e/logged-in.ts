import { expect } from 'vitest';
import { installed, lab, reset } from './lab.ts';
import { createHome, login, logout } from './roam.ts';
import { sideOf, type Side } from './unchanged.ts';

/** Alice is logged in on mac-a, the server has all of her home; mac-b has nothing of it. */
export const loggedIn = 'logged-in';
export const greeting = '/Users/alice/greeting';

/** Makes and saves that state. */
export async function saveLoggedIn(): Promise<void> {
  await reset(installed);
  await createHome('mac-a');
  for (const outcome of [await logout('mac-a'), await login('mac-a')]) {
    expect(outcome).toMatchObject({ code: 0, report: { problems: [] } });
  }
  await lab('save', loggedIn);
}

export async function bothSides(): Promise<{ readonly mac: Side; readonly server: Side }> {
  const [mac, server] = await Promise.all([sideOf('mac-a'), sideOf('server')]);
  return { mac, server };
}
