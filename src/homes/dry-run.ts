import { isRoamhomeError } from '../errors/errors.ts';
import { isConflict, planConflict, stepsOf } from './diverged/conflict.ts';
import { describePlan, describeStep } from '../sync/describe.ts';
import { folderDataset, foldersHere, foldersOf } from './mount/excluded-folders.ts';
import { afterSnapshot, datasetsToSnapshot, type HomeState } from '../sync/home-state.ts';
import { planSync, sendFlagsOf } from '../sync/plan.ts';
import { refusalError } from '../sync/refusal-error.ts';
import { snapshotNameAt } from '../sync/snapshot-name.ts';
import { commandsOf, type PlacedCommand } from '../sync/step-commands.ts';
import type { Intent, Step } from '../sync/step.ts';
import { mount, snapshotAs, unmount } from '../zfs/commands/change.ts';
import { listProperty } from '../zfs/commands/list.ts';
import { parseDatasetName } from '../zfs/names.ts';
import { noHomeInUse } from './checkpoint.ts';
import { recordLines } from './dry-run-record.ts';
import { denialOf } from './presence/elsewhere.ts';
import { isInUse } from './homes-in-use.ts';
import { noHomeHere } from './login.ts';
import { noHome } from './logout.ts';
import { roamingAccount } from './roaming.ts';
import { serverRootMissing } from './server-root.ts';
import { unsentLines } from './send-unsent.ts';
import type { Session } from './session.ts';
import { sessionsLeft, stillLoggedIn } from './presence/sessions-left.ts';
import { sessionRecordOf } from './presence/session-record.ts';
import { observeLocal } from './observing.ts';
import { snapshotAt } from './snapshots/make-snapshots.ts';
import { planSnapshot } from './snapshots/snapshotting.ts';
import { conflictPlaces, heldBack, observeServer, planOptions } from './with-server.ts';

/** What would be done: a sentence, and the command lines behind it, each with where it would run. */
export interface DryRunLine {
  readonly words: string;
  readonly commands: readonly { readonly place: string; readonly argv: readonly string[] }[];
}

/** What the real run would end with. */
export type Foreseen = Error | 'conflict';

/**
 * What a login, a logout or a checkpoint would do now, found out by reading alone: nothing is unmounted, snapshotted,
 * sent or set on either side. Every write since the newest snapshot counts as a change here: to tell them apart, a login
 * and a logout unmount the home, and `zfs diff` makes a snapshot of its own.
 * Throws a RoamhomeError where the two sides cannot be read, and what keeps the real run from its work. A plan that is refused is a
 * line like the others; `foresee` hears of what the real run would end with then.
 */
export async function dryRun(
  session: Session,
  intent: Intent,
  foresee: (what: Foreseen) => void = () => undefined,
): Promise<readonly DryRunLine[]> {
  const account = await roamingAccount(session);
  if (typeof account === 'string') return [{ words: account, commands: [] }];
  const local = await observeLocal(session, 'assume-files');
  if (local === null && intent === 'logout') throw noHome(session);
  if (local === null && intent === 'checkpoint') throw noHomeInUse(session);
  const lines: DryRunLine[] = [];
  const here = session.local.host.name;
  const others = intent === 'logout' ? await sessionsLeft(session, account) : [];
  const isLeftInUse = others.length > 0;
  if (isLeftInUse) {
    const words = `${stillLoggedIn(account.name, others)}: nothing is ended or unmounted`;
    lines.push({ words, commands: [] });
  } else if (intent === 'logout') {
    lines.push({
      words: `end what ${account.name} (uid ${account.uid}) still runs: TERM, then KILL`,
      commands: [],
    });
  }
  if (intent === 'checkpoint') {
    const idle = await whyIdle(session, local);
    if (idle !== null) return [{ words: idle, commands: [] }];
  } else if (!isLeftInUse && local?.datasets.some((dataset) => dataset.mounted) === true) {
    const { argv } = unmount(session.localHome, { force: false });
    lines.push({ words: `unmount ${session.mountpoint}`, commands: [{ place: here, argv }] });
  }
  const secured = snapshotLine(session, local, lines);
  const server = await observeServer(session, session.signal);
  if (server === null) await requireServerRoot(session);
  if (local === null && server === null && intent === 'login') throw noHomeHere(session, { problems: [] });
  const record = sessionRecordOf(server);
  const denial = intent === 'login' ? denialOf(session, record) : null;
  if (denial !== null) {
    foresee(denial);
    return [...lines, ...[denial.message, denial.remedy].map((words) => ({ words, commands: [] }))];
  }
  const options = planOptions(session, isLeftInUse ? 'checkpoint' : intent, server);
  const plan = planSync(secured, server, options);
  const held = heldBack(session, plan);
  if (held !== null)
    return [...lines, ...[held.message, held.remedy].map((words) => ({ words, commands: [] }))];
  lines.push({ words: describePlan(plan), commands: [] });
  const flags = sendFlagsOf(server, options);
  const { refusal } = plan;
  let { steps, again } = plan;
  if (refusal !== null && secured !== null && isConflict(refusal)) {
    const conflict = await planConflict(refusal, secured, server, {
      ...options,
      flags,
      ...conflictPlaces(session),
      local: session.local,
      server: session.server.zfs,
      signal: session.signal,
    });
    [steps, again] = [stepsOf(conflict), intent === 'login'];
    foresee(
      refusal.kind === 'own-partial' ? refusalError(refusal, session.server.zfs.host.name) : 'conflict',
    );
    if (conflict.toSetAside instanceof Error) {
      foresee(conflict.toSetAside);
      lines.push({ words: `${conflict.toSetAside.message}: it stays as it is`, commands: [] });
    }
  } else if (refusal !== null) {
    const error = refusalError(refusal, session.server.zfs.host.name);
    foresee(error);
    lines.push({ words: error.remedy, commands: [] });
  }
  lines.push(...steps.map((step) => stepLine(session, step, flags)));
  for (const name of unsentLines(secured))
    lines.push({ words: `send what is set aside here as ${name}, beside the server's home`, commands: [] });
  if (again) lines.push({ words: 'then look at both sides again, and go on from there', commands: [] });
  if (intent !== 'checkpoint' && !isLeftInUse && (server !== null || steps.length > 0))
    lines.push(...recordLines(session, intent, record));
  if (intent === 'login') {
    const { argv } = mount(session.localHome);
    lines.push({ words: `mount it at ${session.mountpoint}`, commands: [{ place: here, argv }] });
    lines.push(...folderLines(session, local, server));
  }
  return lines;
}

/** Throws `dataset-missing` where the server has no place for homes: a home cannot be there, nor be sent there. */
async function requireServerRoot({ server, serverHome, signal }: Session): Promise<void> {
  const root = parseDatasetName(serverHome.slice(0, serverHome.lastIndexOf('/')));
  try {
    await server.zfs.run(listProperty(root, 'name'), { signal });
  } catch (error) {
    if (!isRoamhomeError(error, 'dataset-missing')) throw error;
    throw serverRootMissing(root, server.zfs.host.name);
  }
}

/** What becomes of the excluded folders. */
function folderLines(
  session: Session,
  local: HomeState | null,
  server: HomeState | null,
): readonly DryRunLine[] {
  const here = local === null ? [] : foldersHere(local);
  return (server === null ? here : foldersOf(server).folders).map((path) => {
    const name = JSON.stringify(path);
    if (!here.includes(path))
      return { words: `make the excluded folder ${name}, unless the home has files in it`, commands: [] };
    const { argv } = mount(folderDataset(session.localHome, path));
    const place = session.local.host.name;
    return { words: `mount the excluded folder ${name}`, commands: [{ place, argv }] };
  });
}

/** Why a checkpoint would do nothing; null: it has work. */
async function whyIdle(session: Session, local: HomeState | null): Promise<string | null> {
  if (local === null || !isInUse(session, local)) return `the home is not mounted at ${session.mountpoint}`;
  if (datasetsToSnapshot(local).length > 0) return null;
  const isWaiting = (await session.spool.list()).some(({ user }) => user === session.user);
  return isWaiting ? null : 'nothing was written since the newest snapshot';
}

function snapshotLine(session: Session, local: HomeState | null, lines: DryRunLine[]): HomeState | null {
  if (local === null) return local;
  const { datasets, missed } = planSnapshot(session, local);
  for (const { message } of missed) lines.push({ words: message, commands: [] });
  if (datasets.length === 0) return local;
  const short = snapshotNameAt(session.now(), session.config.local.macName);
  const names = new Map(
    datasets.flatMap((dataset) => {
      const name = snapshotAt(dataset, short);
      return name === null ? [] : [[dataset, name]];
    }),
  );
  lines.push({
    words: `snapshot what changed as @${short}, if files did`,
    commands: [{ place: session.local.host.name, argv: snapshotAs([...names.values()]).argv }],
  });
  return afterSnapshot(local, names);
}

function stepLine(session: Session, step: Step, flags: Parameters<typeof commandsOf>[1]): DryRunLine {
  const commands = commandsOf(step, flags);
  const placed = commands.kind === 'one' ? [commands.only] : [commands.send, commands.receive];
  const shown = ({ side, command }: PlacedCommand): DryRunLine['commands'][number] => ({
    place: (side === 'local' ? session.local : session.server.zfs).host.name,
    argv: command.argv,
  });
  return { words: describeStep(step), commands: placed.map(shown) };
}
