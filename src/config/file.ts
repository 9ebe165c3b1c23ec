import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { weakPlaceOn } from '../host/others-can-change.ts';
import { shellWord } from '../host/shell-word.ts';
import { readLayer, type Layer } from './layer.ts';
import type { ConfigMistake } from './mistakes.ts';

/** A file that may hold settings. */
export interface ConfigFile {
  readonly path: string;
  /** True: its absence is a mistake (somebody named it), not "no settings here". */
  readonly required: boolean;
}

function layerOf(
  source: string,
  mistake: Pick<ConfigMistake, 'found' | 'allowed' | 'commands' | 'isTyped'> | null,
): Layer {
  return { source, values: new Map(), mistakes: mistake === null ? [] : [{ source, key: null, ...mistake }] };
}

// A configuration profile's payload brings its own keys (PayloadUUID, PayloadType, ...) into managed preferences.
function withoutPayloadKeys(content: unknown): unknown {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) return content;
  return Object.fromEntries(Object.entries(content).filter(([key]) => !key.startsWith('Payload')));
}

/** Parses a property list (binary or XML) or JSON: by what it starts with. Throws what the parser throws. */
export async function parseContent(bytes: Uint8Array): Promise<unknown> {
  const text = Buffer.from(bytes).toString('utf8');
  if (text.startsWith('bplist00')) {
    const { parseBinary } = await import('plist');
    return withoutPayloadKeys(parseBinary(bytes));
  }
  if (text.trimStart().startsWith('<')) {
    const { parse } = await import('plist');
    return withoutPayloadKeys(parse(text));
  }
  return JSON.parse(text) as unknown;
}

/**
 * Reads a file of settings. Whatever is wrong with the file is a mistake of the layer, nothing is thrown. With
 * `trustOnlyRoot` (the process is root's), a file that somebody else could have written is refused unread.
 */
export async function readConfigFile(file: ConfigFile, options: { trustOnlyRoot: boolean }): Promise<Layer> {
  const source = file.path;
  let bytes: Buffer;
  try {
    // O_NONBLOCK: opening a FIFO must not hang a login.
    const handle = await open(source, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      // The opened file is examined, not the path: nobody can swap it in between.
      const stat = await handle.stat();
      if (!stat.isFile()) return layerOf(source, { found: 'something else', allowed: 'a regular file' });
      if (options.trustOnlyRoot && (stat.uid !== 0 || (stat.mode & 0o022) !== 0)) {
        const mode = (stat.mode & 0o7777).toString(8).padStart(4, '0');
        return layerOf(source, {
          found: `owner uid ${stat.uid} and mode ${mode}`,
          allowed: 'a file that only root can write (chown root, chmod go-w)',
          commands: [`chown root ${shellWord(source)}`, `chmod go-w ${shellWord(source)}`],
        });
      }
      const place = options.trustOnlyRoot ? weakPlaceOn(source) : null;
      if (place !== null)
        return layerOf(source, {
          found: `it behind ${place}, which others than root can change`,
          allowed: 'a file that only root can replace (chown root, chmod go-w)',
          commands: [`chown root ${shellWord(place)}`, `chmod go-w ${shellWord(place)}`],
        });
      bytes = await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    if ((code === 'ENOENT' || code === 'ENOTDIR') && !file.required) return layerOf(source, null);
    return layerOf(source, {
      ...{ found: `that it cannot be read (${code})`, allowed: 'a readable file' },
      ...(file.required && { isTyped: true }),
    });
  }
  let content: unknown;
  try {
    content = await parseContent(bytes);
  } catch (error) {
    const why = (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' ').trim();
    return layerOf(source, { found: `what cannot be parsed (${why})`, allowed: 'JSON or a property list' });
  }
  return readLayer(source, content);
}
