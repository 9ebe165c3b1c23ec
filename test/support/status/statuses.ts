import { homeStatus, type HomeFacts, type HomeStatus } from '../../../src/homes/status/home-status.ts';
import type { Dataset } from '../../../src/zfs/version.ts';
import { dataset, localHome, serverHome } from '../sync/homes.ts';

/** A home's datasets from the words of homes.ts, with properties. */
export function tree(
  side: 'local' | 'server',
  words: string,
  properties: Readonly<Record<string, string>> = {},
): readonly Dataset[] {
  const root = dataset(side === 'local' ? localHome : serverHome, '', words);
  return [{ ...root, properties: { used: '3113851289', ...properties } }];
}

export function statusOf(facts: Partial<HomeFacts>): HomeStatus {
  return homeStatus({ user: 'alice', local: null, server: null, pendingSince: null, lacks: null, ...facts });
}
