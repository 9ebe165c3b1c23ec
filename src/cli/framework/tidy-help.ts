/** The heading that yargs puts before the options of the command itself. */
export const commonOptions = 'Options of every command:';

/** yargs' help with the options of the command first, and without the types of switches: the words say what they are. */
export function tidyHelp(help: string): string {
  const sections = help
    .replaceAll(/^ +\[boolean\](?: \[default: false\])?\n/gm, '')
    .replaceAll(/ *\[boolean\](?: \[default: false\])?$/gm, '')
    .split('\n\n');
  const at = (heading: string): number => sections.findIndex((section) => section.startsWith(`${heading}\n`));
  const [common, own] = [at(commonOptions), at('Options:')];
  if (common >= 0 && own > common) sections.splice(own, 0, ...sections.splice(common, 1));
  return sections.join('\n\n');
}
