import type { Config } from '../../config/schema.ts';
import type { Status } from '../../homes/status/collect.ts';
import { remarksOn, type Judging } from '../../homes/status/judge.ts';
import { judgeMacs } from '../../homes/status/seen-macs.ts';
import { count } from '../../format/count.ts';
import { both, type Fact } from '../fact.ts';
import { advise, critical, judging, orOk, run, warning, type Check } from '../finding.ts';

interface StatusFacts {
  readonly config: Fact<Config>;
  readonly status: Fact<Status>;
  /** Milliseconds since the epoch. */
  readonly now: Fact<number>;
}

function judgingOf({ doctor }: Config, now: number): Judging {
  return { own: null, unsentHours: doctor.unsentHours, sessionHours: doctor.sessionHours, now };
}

export const arrivedCheck: Check<StatusFacts> = {
  name: 'sessions',
  about: 'Each open session sends something within `doctor.sessionHours`; critical after 7 times as long',
  judge: ({ config, status, now }) =>
    judging(both(both(config, status), now), ([[settings, { homes }], at]) => {
      const open = homes.filter(({ session }) => session !== null);
      return orOk(
        open.flatMap((home) =>
          // Of the session alone: conflicts have a check of their own.
          remarksOn({ ...home, waiting: [] }, judgingOf(settings, at)).flatMap(({ level, text }) => {
            if (level !== 'warning' && level !== 'critical') return [];
            const mac = home.session?.kind === 'known' ? home.session.macName : 'the Mac';
            return [
              (level === 'critical' ? critical : warning)(
                `${home.user}: ${text}`,
                advise('here', `Run \`roamhome doctor\` and \`roamhome push --pending\` on ${mac}, as root.`),
              ),
            ];
          }),
        ),
        open.length === 0 ? 'nobody is logged in' : `${count(open.length, 'session')}, all heard of lately`,
      );
    }),
};

export const waitingCheck: Check<StatusFacts> = {
  name: 'conflicts',
  about: 'No conflict waits on the server for a person to look at it',
  judge: ({ status }) =>
    judging(status, ({ homes }) =>
      orOk(
        homes.flatMap(({ user, waiting }) =>
          waiting.map(({ name, macName }) =>
            warning(
              `a conflict of ${user}'s home${macName === null ? '' : `, made on ${macName},`} waits as ${name}`,
              run(
                'here',
                [`roamhome conflicts discard ${name} --server`],
                `Look at it on a Mac (\`roamhome conflicts diff ${name}\`), bring back what is needed there (\`roamhome conflicts restore ${name} PATH\`), and then `,
              ),
            ),
          ),
        ),
        'no conflict waits',
      ),
    ),
};

export const macsCheck: Check<StatusFacts> = {
  name: 'macs',
  about: 'Each Mac was seen within `doctor.macDays`; after 12 times as long it counts as gone for good',
  judge: ({ config, status, now }) =>
    judging(both(both(config, status), now), ([[{ doctor }, { macs }], at]) =>
      orOk(
        judgeMacs(macs, { macDays: doctor.macDays, now: at }).flatMap(({ text, macName }) =>
          text === null
            ? []
            : [
                warning(
                  text,
                  advise(
                    'here',
                    `Switch ${macName} on, or, if it is lost, revoke its key: \`roamhome provision key revoke ${macName}\`.`,
                  ),
                ),
              ],
        ),
        count(macs.length, 'Mac'),
      ),
    ),
};
