import { isoTime } from '../../format/time.ts';
import type { RegisterCommand } from '../framework/context.ts';

/** `roamhome man`: the manual page, for packages; not shown in the help. */
export function manOf(commands: () => readonly RegisterCommand[]): RegisterCommand {
  return (program, context) => {
    program.command(
      'man',
      false,
      (command) => command,
      async () => {
        const [{ manPage }, { declareAll, recordProgram }, { declareGlobals }, { version }] =
          await Promise.all([
            import('./man-page.ts'),
            import('../framework/record-commands.ts'),
            import('../framework/program.ts'),
            import('../framework/version.ts'),
          ]);
        const doc = recordProgram((recorder) => {
          declareGlobals(recorder);
          declareAll(commands())(recorder);
        });
        context.print(manPage(doc, version, today()).trimEnd());
      },
    );
  };
}

/** That of the build where a package is to be the same each time (https://reproducible-builds.org/specs/source-date-epoch/). */
function today(): string {
  const epoch = Number(process.env['SOURCE_DATE_EPOCH'] ?? Number.NaN);
  return isoTime(Number.isNaN(epoch) ? Date.now() : epoch * 1000).slice(0, 10);
}
