import type { RegisterCommand } from './context.ts';

/** `roamhome completion`: a script for the shell, which asks `roamhome --get-yargs-completions` at each tab. */
export const registerCompletion: RegisterCommand = (program) => {
  program.command(
    'completion',
    'Print a script with which bash or zsh (by $SHELL) completes commands and options',
    (command) =>
      command
        .example('roamhome completion >> ~/.bashrc', 'For bash')
        .example('SHELL=/bin/zsh roamhome completion >> ~/.zshrc', 'For zsh'),
    () => {
      // By yargs itself, on standard output.
      program.showCompletionScript();
    },
  );
};
