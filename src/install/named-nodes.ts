import { hooksDirectory } from './places.ts';
import type { There } from './plan-install.ts';

/** The paths of Node that the jobs and hooks on this machine run. Pure: the converse of what the templates are filled with. */
export function namedNodes({ files }: Pick<There, 'files'>): readonly string[] {
  const nodes = [...files].flatMap(([path, { text }]) => {
    if (path === `${hooksDirectory}/node`) return [text.trimEnd()];
    const unit = /^ExecStart="([^"]*)"/m.exec(text)?.[1];
    const plist = /<key>ProgramArguments<\/key>\s*<array>\s*<string>([^<]*)</.exec(text)?.[1];
    return [unit?.replaceAll('%%', '%'), plist === undefined ? undefined : fromXml(plist)];
  });
  return [...new Set(nodes.flatMap((node) => node ?? []))];
}

function fromXml(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
