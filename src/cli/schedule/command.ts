import type { RegisterCommand } from '../framework/context.ts';

/** `roamhome schedule explain`: what a thinning schedule means. */
export const registerSchedule: RegisterCommand = (program, context) => {
  program.command('schedule', 'Look at schedules of thinning', (schedule) =>
    schedule
      .command(
        'explain [schedule]',
        'Explain in words and a picture what a schedule keeps',
        (explain) =>
          explain
            .positional('schedule', { type: 'string', describe: 'thinning.schedule if not given' })
            .option('json', { type: 'boolean', default: false, describe: 'Print JSON' })
            .example('$0 schedule explain', 'The schedule in effect')
            .example("$0 schedule explain '24h=>5min,7d=>1h'", "In ZFS-TimeMachine's notation")
            .example('$0 schedule explain 10,1d1w,1w1m', "In zfs-autobackup's notation"),
        async (options) => {
          const { runScheduleExplain } = await import('./run.ts');
          await runScheduleExplain(options, context);
        },
      )
      .demandCommand(1, 'schedule needs to be told what to do with it: explain'),
  );
};
