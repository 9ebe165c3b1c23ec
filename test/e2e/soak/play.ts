import { lab } from '../lab.ts';
import {
  aside,
  calm,
  digestOfHome,
  drain,
  edit,
  fill,
  holdOpen,
  isMounted,
  letGo,
  roam,
  type Told,
} from './deeds.ts';
import type { Outside } from './outside.ts';
import type { Round, SessionPlan } from './plan.ts';

/** What is written down of a soak, to be read when it has found something. */
export interface Journal {
  readonly line: (text: string) => void;
  /** What must never be said. */
  readonly fault: (text: string) => void;
}

function say({ number, user, mac }: SessionPlan, what: string, told: Told): string {
  const codes = told?.report.problems.map(({ code }) => code).join(' ') ?? '';
  return `${number} ${user} on ${mac}: ${what}: ${told === null ? 'killed' : `${told.code} ${told.report.summary} ${codes}`}`;
}

/** A bug, or what Roamhome does not understand, is a fault whatever befell it. */
function judge(plan: SessionPlan, what: string, told: Told, journal: Journal): void {
  journal.line(say(plan, what, told));
  if (told === null) return;
  const isBug = told.code === 70 || told.code === 76 || /does not understand|please report/i.test(told.text);
  if (isBug) journal.fault(`${say(plan, what, told)}\n${told.text}`);
}

/** Both sessions of a round at the same time: in, work, and out. */
export async function playRound(round: Round, outside: Outside, journal: Journal): Promise<void> {
  for (const { mac, words } of round.net) await lab('net', mac, ...words);
  const began = await Promise.all(round.sessions.map((plan) => enter(plan, outside, journal)));
  if (round.full !== null) await fill(round.full);
  const power = round.powerCut;
  const cut =
    power === null
      ? Promise.resolve()
      : new Promise((resolve) => setTimeout(resolve, power.seconds * 1000)).then(async () => {
          await lab('power-cut', power.mac);
          journal.line(`${power.mac} has lost its power`);
        });
  await Promise.all([
    cut,
    ...round.sessions.map((plan, i) => leave(plan, began[i] ?? null, { round, outside, journal })),
  ]);
  for (const mac of ['mac-a', 'mac-b'] as const) {
    if (power?.mac === mac) await lab('boot', mac);
    await lab('net', mac, 'clear');
    if (round.full === mac) await drain(mac);
  }
  if (round.full === 'server') await drain('server');
}

/** What the home holds once the user has worked; null: it is not there to be worked in. */
async function enter(plan: SessionPlan, outside: Outside, journal: Journal): Promise<string | null> {
  const { user, mac } = plan;
  const told = await roam(mac, 'login', user, plan.killLogin);
  judge(plan, 'login', told, journal);
  // Killed, it may have ended before its snapshot.
  if (told === null || !(await isMounted(mac, user))) return null;
  if (told.report.secured) outside.returned(user, mac);
  if (plan.works && !(await edit(mac, user, `${plan.number}`)))
    journal.line(`${plan.number}: no room for all of it`);
  if (plan.checkpoint) judge(plan, 'checkpoint', await roam(mac, 'checkpoint', user), journal);
  return digestOfHome(mac, user);
}

async function leave(
  plan: SessionPlan,
  digest: string | null,
  { round, outside, journal }: { round: Round; outside: Outside; journal: Journal },
): Promise<void> {
  const { user, mac } = plan;
  if (digest === null) return;
  const seen = { session: plan.number, user, digest };
  const asides = Promise.all(plan.asides.map((each) => aside(each, mac, user)));
  if (plan.holdSeconds !== null) await holdOpen(mac, user, plan.holdSeconds).catch(() => undefined);
  const told = plan.stays ? null : await roam(mac, 'logout', user, plan.killLogout);
  if (!plan.stays) judge(plan, 'logout', told, journal);
  for (const line of await asides) {
    if (line !== '') journal.line(line);
    if (/does not understand|please report/i.test(line)) journal.fault(line);
  }
  const isKept = told?.report.secured === true;
  if (told !== null && !isKept && round.full !== mac)
    journal.fault(`${say(plan, 'logout', told)}: no snapshot, and there was room`);
  outside.ended({ mac, seen, as: isKept ? 'kept' : 'live' });
  if (plan.holdSeconds !== null && plan.number % 3 === 0) await letGo(mac).catch(() => undefined);
}

/** Everything well again, three sessions of each user in turn: how the last runs ended. */
export async function settle(outside: Outside, journal: Journal): Promise<readonly Told[]> {
  await calm();
  const last: Told[] = [];
  for (const user of ['alice', 'bob'] as const) {
    const session = (mac: 'mac-a' | 'mac-b', number: number): SessionPlan => ({
      ...{ number, user, mac, killLogin: null, killLogout: null, works: false, checkpoint: false },
      ...{ holdSeconds: null, asides: [], stays: false },
    });
    for (const mac of ['mac-a', 'mac-b'] as const) {
      if (!(await isMounted(mac, user))) continue;
      judge(session(mac, 0), 'logout at the end', await roam(mac, 'logout', user), journal);
    }
    for (const [index, mac] of (['mac-a', 'mac-b', 'mac-a', 'mac-b'] as const).entries()) {
      for (const verb of ['login', 'logout'] as const) {
        const told = await roam(mac, verb, user);
        if (verb === 'login') outside.returned(user, mac);
        judge(session(mac, index), `calm ${verb}`, told, journal);
        if (index >= 2) last.push(told);
      }
    }
  }
  return last;
}
