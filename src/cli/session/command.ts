import type { Argv } from 'yargs';
import type { CliContext, GlobalOptions, RegisterCommand } from '../framework/context.ts';

interface Words {
  readonly command: 'login' | 'logout';
  readonly does: string;
  readonly examples: readonly (readonly [command: string, does: string])[];
}

function register(words: Words): RegisterCommand {
  return (program: Argv<GlobalOptions>, context: CliContext) => {
    program.command(
      `${words.command} <user>`,
      words.does,
      (command) => {
        const options = command
          .positional('user', { type: 'string', demandOption: true, describe: "The user's short name" })
          .option('dry-run', {
            type: 'boolean',
            default: false,
            describe: 'Show the plan and each command; change nothing',
          })
          .option('json', { type: 'boolean', default: false, describe: 'Print the outcome as JSON' });
        return words.examples.reduce((all, [example, does]) => all.example(example, does), options);
      },
      async (options) => {
        const { runSession } = await import('./run.ts');
        await runSession(words.command, options, context);
      },
    );
  };
}

/** `roamhome login USER`: what the login hook calls. */
export const registerLogin = register({
  command: 'login',
  does: "Bring a user's home up to date from the server, and mount it",
  examples: [
    ['$0 login alice', 'As the login hook does it'],
    ['$0 login alice --dry-run', 'What would be done now'],
  ],
});

/** `roamhome logout USER`: what the logout hook calls. */
export const registerLogout = register({
  command: 'logout',
  does: "Unmount a user's home, snapshot it, and send its changes",
  examples: [
    ['$0 logout alice', 'As the logout hook does it'],
    ['$0 logout alice --dry-run', 'What would be done now'],
  ],
});
