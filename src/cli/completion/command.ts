import type { RegisterCommand } from '../framework/context.ts';

/** yargs' own needs `mapfile`, which the bash of macOS (3.2) has not, and offers `-v` as `--v`. */
const bashScript = `# Completion of roamhome for bash: roamhome completion >> ~/.bashrc
_roamhome_completions() {
  local IFS=$'\\n' word="\${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=($(compgen -W "$(SHELL=/bin/bash roamhome --get-yargs-completions "\${COMP_WORDS[@]}" | grep -v '^--.$')" -- "$word"))
}
complete -o bashdefault -o default -F _roamhome_completions roamhome`;

/** `roamhome completion`: a script for the shell, which asks `roamhome --get-yargs-completions` at each tab. */
export const registerCompletion: RegisterCommand = (program, context) => {
  program.command(
    'completion',
    'Print a script that completes commands in bash or zsh',
    (command) =>
      command
        .example('roamhome completion >> ~/.bashrc', 'For bash')
        .example('SHELL=/bin/zsh roamhome completion >> ~/.zshrc', 'For zsh'),
    () => {
      // That of zsh by yargs itself, on standard output.
      if ((process.env['SHELL'] ?? '').includes('zsh')) program.showCompletionScript();
      else context.print(bashScript);
    },
  );
};
