import { conflictUser } from '../../homes/diverged/conflict-user.ts';
import {
  comparedGuids,
  discardConflict,
  keptGuids,
  type DiscardOptions,
} from '../../homes/conflicts/discard.ts';
import type { DiscardPlan } from '../../homes/conflicts/discard-plan.ts';
import { withLock } from '../../homes/lock/with-lock.ts';
import { isRoamhomeError } from '../../errors/errors.ts';
import { conflictDataset } from '../../homes/diverged/conflict-names.ts';
import { conflictProperty } from '../../sync/properties.ts';
import { contentsFile } from '../../homes/tending/memory-file.ts';
import { childOf, parseDatasetName, type Guid } from '../../zfs/names.ts';
import { ask } from '../framework/ask.ts';
import { serverDiscard } from './text.ts';
import type { CliContext, GlobalOptions } from '../framework/context.ts';
import { describeLoss, discardToJson } from './discard-text.ts';
import { tellError, withConflicts, type OpenConflicts } from '../framework/open-conflicts.ts';
import { requireRoot } from '../framework/require-root.ts';

export interface ConflictsDiscardOptions extends GlobalOptions {
  readonly name: string;
  readonly yes: boolean;
  readonly server: boolean;
  readonly json: boolean;
}

type Place = Pick<DiscardOptions, 'conflictsRoot' | 'conflict' | 'elsewhere'> & { readonly other: string };

/** Destroys one conflict, on this Mac or, run there, on the server, once the person has said so. */
export async function runConflictsDiscard(
  options: ConflictsDiscardOptions,
  context: CliContext,
): Promise<void> {
  requireRoot('discarding destroys a dataset');
  await withConflicts(options, context, 'change', async (open) => {
    const { signal } = context;
    const discard = ({ other, ...place }: Place): Promise<DiscardPlan | null> =>
      discardConflict({
        ...place,
        zfs: open.local,
        confirm: async (plan) => {
          process.stderr.write(`${describeLoss(plan, other).join('\n')}\n`);
          return options.yes || (await isMeant(options.name, signal));
        },
        signal,
      });
    const done =
      open.isServer || options.server
        ? await discard(await onServer(open, options.name, signal))
        : await discardHere(open, options, signal, discard);
    if (done === null) {
      context.print(options.json ? { destroyed: false } : 'nothing was destroyed');
      return;
    }
    open.log.warn('conflict-discarded', {
      user: done.user,
      dataset: done.dataset,
      snapshots: done.snapshots,
    });
    context.print(options.json ? discardToJson(done) : `destroyed ${done.dataset}`);
    if (!open.isServer && !options.server && done.elsewhere !== 'none' && !options.json)
      context.print(`what the server has of it stays; there, as root: ${serverDiscard(options.name)}`);
  });
}

/** Under the user's lock: no login looks at the conflict meanwhile. */
async function discardHere(
  open: OpenConflicts,
  options: ConflictsDiscardOptions,
  signal: AbortSignal,
  discard: (place: Place) => Promise<DiscardPlan | null>,
): Promise<DiscardPlan | null> {
  const { config } = open;
  const { user } = await open.find(options.name, 'here');
  const session = open.sessionOf(user);
  const branch = conflictDataset(config.server.conflictsRoot, options.name);
  let elsewhere: ReadonlySet<Guid> | null = null;
  try {
    elsewhere = await keptGuids(open.server, [branch, session.serverHome], signal);
  } catch (error) {
    if (!isRoamhomeError(error)) throw error;
    tellError(error, options);
  }
  const conflictsRoot = parseDatasetName(config.local.conflictsRoot);
  const conflict = childOf(conflictsRoot, options.name);
  return withLock(session, 'conflicts discard', () =>
    discard({ conflictsRoot, conflict, elsewhere, other: 'the server, as far as guids tell,' }),
  );
}

/** The datasets that the Macs know as the server's, on the server itself. */
async function onServer({ config, local }: OpenConflicts, name: string, signal: AbortSignal): Promise<Place> {
  const conflictsRoot = parseDatasetName(config.server.conflictsRoot);
  const conflict = childOf(conflictsRoot, name);
  const [root] = (await local.listTree(conflict, [conflictProperty], { signal })) ?? [];
  const user = root === undefined ? null : conflictUser(root);
  const home = user === null ? null : childOf(parseDatasetName(config.server.root), user);
  const contents = await contentsFile(config.local.stateDir).read();
  return {
    conflictsRoot,
    conflict,
    elsewhere: home === null ? new Set() : await comparedGuids(local, { conflict, home, contents }, signal),
    other: 'the home here, as far as `roamhome tend` has compared them,',
  };
}

async function isMeant(name: string, signal: AbortSignal): Promise<boolean> {
  const question = `Type the conflict's name to destroy it: `;
  return (await ask(question, 'Run it with --yes.', signal)).trim() === name;
}
