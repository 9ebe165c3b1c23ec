import { shellWord } from '../host/shell-word.ts';
import { childOf, type DatasetName } from '../zfs/names.ts';
import type { Snapshot } from '../zfs/version.ts';
import { headOf, type DatasetPair, type DatasetState } from './home-state.ts';
import { isOwnPartial, judgePush, targetNameOf, type PartialOwner, type ResumeRules } from './partial.ts';
import type { Relation } from './relation.ts';
import type { Intent, Refusal } from './step.ts';

/** What of the plan's options decides whether it can be made. */
export interface RefuseOptions {
  readonly intent: Intent;
  readonly localHome: DatasetName;
  readonly serverHome: DatasetName;
  readonly createOnServer: boolean;
  readonly setbacks?: { readonly written: ReadonlySet<DatasetName> };
  readonly owner?: PartialOwner;
  /** On the server, in all datasets of the home: what no raw stream goes over. */
  readonly inTheWay: readonly Snapshot[];
}

/** The reason why this pair cannot be synced as it stands; null when it can. Pure. */
export function refuse(
  pair: DatasetPair,
  relation: Relation,
  rules: ResumeRules,
  options: RefuseOptions,
): Refusal | null {
  const dataset = childOf(options.localHome, pair.path);
  switch (relation.kind) {
    case 'diverged':
      return { kind: 'diverged', dataset, evidence: divergence(relation) };
    case 'behind-blocked':
      // Without a login nothing is to be received.
      return options.intent === 'login'
        ? {
            kind: 'diverged',
            dataset,
            evidence: `this Mac has ${named(relation.by)}, which a raw home cannot go over`,
          }
        : null;
    case 'ahead-blocked':
      return standsInTheWay(options.inTheWay, dataset);
    case 'no-common':
      return { kind: 'no-common', dataset, evidence: heads(pair) };
    case 'nothing':
      return pair.path === '' ? { kind: 'home-missing', dataset, evidence: heads(pair) } : null;
    case 'missing-server':
      if (!options.createOnServer) return { kind: 'not-created', dataset, evidence: heads(pair) };
      return blocked(pair, relation, rules, options);
    case 'ahead':
      return blocked(pair, relation, rules, options);
    case 'behind':
    case 'equal':
    case 'missing-local':
    case 'doubled':
      return null;
  }
}

/** Raw streams are taken on the newest snapshot alone (dmu_recv.c), whoever made it, and whatever it holds. */
function standsInTheWay(by: readonly Snapshot[], dataset: DatasetName): Refusal {
  const names = by.map(({ name }) => shellWord(name));
  const destroy = `\`zfs destroy ${names.join('; zfs destroy ')}\``;
  // A promoted clone takes the home's own snapshots along; -R destroys the work in it.
  const clones =
    'where zfs lists a conflict as a clone of it, run `roamhome conflicts fetch NAME` on this Mac and `roamhome conflicts discard NAME --server` there first';
  const cure = `On the server, as root, ${destroy} removes what is in the way: it holds no changes (\`zfs list -o name,written\` shows 0). Do not use -R: ${clones}. Run \`roamhome push --pending\` on this Mac right after that: another Mac that has it too would send it again.`;
  const evidence = `the home is sent as it is encrypted, and ${named(by)} on the server stands in the way, without any changes; ${destroy} there removes it (without -R: ${clones}), and \`roamhome push --pending\` on this Mac right after that sends the home`;
  return { kind: 'server-blocked', dataset, evidence, cure };
}

function blocked(
  pair: DatasetPair,
  relation: Relation,
  rules: ResumeRules,
  { localHome, serverHome, setbacks, owner }: RefuseOptions,
): Refusal | null {
  const dataset = childOf(localHome, pair.path);
  const target = childOf(serverHome, pair.path);
  if (setbacks?.written.has(target) === true) return written(pair, target, dataset);
  const waiting = judgePush(pair, relation, rules);
  if (waiting.kind !== 'useless') return null;
  const token = pair.server?.resumeToken ?? null;
  const isRefused = token !== null && rules.refused.has(token);
  if (owner !== undefined && isOwnPartial(pair, owner)) {
    const evidence = isRefused ? refused(pair, relation) : ownWaits(pair, waiting.why);
    const cure = `On the server, as root, \`zfs receive -A ${target}\` has it sent at once; else the server's own job (\`roamhome tend\`) gives the interrupted transfer up by itself, and \`roamhome push --pending\` sends the home after that.`;
    return { kind: 'own-partial', dataset, evidence, cure };
  }
  const evidence = isRefused
    ? refused(pair, relation)
    : `an interrupted receive that is not this Mac's to resume waits in the server's dataset: ${waiting.why}`;
  return { kind: 'server-blocked', dataset, evidence };
}

/** Nobody else has done anything: what this Mac was sending can only not be resumed. */
function ownWaits({ local, server }: DatasetPair, why: string): string {
  const partial = server?.partial ?? null;
  if (partial === null || partial === 'unknown') return why;
  const isGone = local?.snapshots.every(({ guid }) => guid !== partial.toGuid) === true;
  const because = isGone ? `its snapshot @${targetNameOf(partial)} is no longer on this Mac` : why;
  return `an interrupted transfer from this Mac waits there and cannot be resumed: ${because}`;
}

/** Never to be cured by a snapshot there: that would make a conflict of what a mere mount has written. */
function written({ server }: DatasetPair, target: DatasetName, dataset: DatasetName): Refusal {
  const head = server === null ? null : headOf(server);
  const command = `\`zfs rollback ${head === null ? `${target}@NEWEST` : shellWord(head.name)}\``;
  const evidence = `something was written into ${target} on the server after its newest snapshot; ${command} there gives that up`;
  const cure = `See on the server what was written; if nothing of it is needed, run ${command} there.`;
  return { kind: 'server-blocked', dataset, evidence, cure };
}

/** What zfs does not say when it refuses to go on. */
function refused({ server }: DatasetPair, relation: Relation): string {
  const between =
    relation.kind === 'ahead'
      ? (server?.snapshots ?? []).filter(({ createtxg }) => createtxg > relation.onto.createtxg)
      : [];
  const what =
    between.length === 0
      ? 'zfs there refuses to resume an interrupted receive'
      : `${named(between)} was made there while a stream came in, which zfs cannot store after that`;
  return `${what}; \`roamhome tend\` on the server gives the receive up when it has been idle for long enough`;
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
