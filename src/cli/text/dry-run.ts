import type { DryRunLine } from '../../homes/dry-run.ts';

/** A dry run for people: each sentence, and below it the commands, with where they would run. Pure. */
export function formatDryRun(lines: readonly DryRunLine[]): string {
  return lines
    .flatMap(({ words, commands }) => [
      words,
      ...commands.map(({ place, argv }) => `    ${place}: ${argv.map(shown).join(' ')}`),
    ])
    .join('\n');
}

/** As a shell would need it: argv is run as it is, this is for the eye. */
function shown(word: string): string {
  return /^[A-Za-z0-9_.:/@#=,%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
