import type { DatasetName } from '../zfs/names.ts';
import type { Snapshot } from '../zfs/version.ts';
import { headOf, type DatasetPair, type DatasetState } from './home-state.ts';
import { resumablePush } from './partial.ts';
import type { Relation } from './relation.ts';
import type { Refusal } from './step.ts';

/** The reason why this pair cannot be synced as it stands; null when it can. Pure. */
export function refuse(
  pair: DatasetPair,
  relation: Relation,
  dataset: DatasetName,
  options: { readonly createOnServer: boolean },
): Refusal | null {
  switch (relation.kind) {
    case 'diverged':
      return { kind: 'diverged', dataset, evidence: divergence(relation) };
    case 'no-common':
      return { kind: 'no-common', dataset, evidence: heads(pair) };
    case 'nothing':
      return pair.path === '' ? { kind: 'home-missing', dataset, evidence: heads(pair) } : null;
    case 'missing-server':
      if (!options.createOnServer) return { kind: 'not-created', dataset, evidence: heads(pair) };
      return blocked(pair, relation, dataset);
    case 'ahead':
      return blocked(pair, relation, dataset);
    case 'behind':
    case 'equal':
    case 'missing-local':
      return null;
  }
}

function blocked(pair: DatasetPair, relation: Relation, dataset: DatasetName): Refusal | null {
  if ((pair.server?.partial ?? null) === null || resumablePush(pair, relation) !== null) return null;
  const evidence = "an interrupted receive that is not this Mac's to resume waits in the server's dataset";
  return { kind: 'server-blocked', dataset, evidence };
}

/** What stands behind the dataset's name, for at most the three newest. */
function named(snapshots: readonly Snapshot[]): string {
  const names = snapshots.slice(-3).map(({ name }) => name.slice(name.indexOf('@')));
  return snapshots.length > 3 ? `${names.join(' ')} and ${snapshots.length - 3} older ones` : names.join(' ');
}

function divergence({ common, local, server }: Extract<Relation, { kind: 'diverged' }>): string {
  const at = common.name.slice(common.name.search(/[@#]/));
  return `since ${at} this Mac has ${named(local)}, the server has ${named(server)}`;
}

function heads({ local, server }: DatasetPair): string {
  const head = (side: DatasetState | null): string =>
    side === null ? 'no dataset' : (headOf(side)?.name ?? 'no snapshot');
  return `this Mac has ${head(local)}, the server has ${head(server)}`;
}
