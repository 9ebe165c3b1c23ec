import type { Installation } from './installation.ts';

/** What the templates of xdg/ ask for, as the words of a desktop entry. Pure. */
export function desktopValues(installation: Installation): Readonly<Record<string, string>> {
  return {
    version: installation.version,
    node: execWord(installation.node),
    program: execWord(installation.program),
    statusDir: execWord(installation.statusDir),
  };
}

/**
 * A word of Exec= (Desktop Entry Specification): in quotes, with what is special in them behind a backslash and `%`, which
 * begins a field code, doubled; then, as in every value of such a file, each backslash doubled.
 */
function execWord(text: string): string {
  const quoted = text.replaceAll(/["`$\\]/g, '\\$&').replaceAll('%', '%%');
  return `"${quoted}"`.replaceAll('\\', '\\\\');
}
