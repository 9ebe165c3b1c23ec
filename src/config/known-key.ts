import { RoamhomeError } from '../errors/errors.ts';
import { leaves, type Leaf } from './leaves.ts';
import { suggest } from './suggest.ts';

/** The setting of a dotted name. Throws `usage`, with the nearest name. Pure. */
export function leafOf(key: string): Leaf {
  const leaf = leaves.get(key);
  if (leaf !== undefined) return leaf;
  const near =
    suggest(key, leaves.keys()) ?? [...leaves.keys()].find((dotted) => dotted.endsWith(`.${key}`)) ?? null;
  const inGroup = [...leaves.keys()].filter((dotted) => dotted.startsWith(`${key}.`));
  const group = inGroup.length > 0;
  throw new RoamhomeError({
    code: 'usage',
    message: group ? `${key} is a group of settings: ${inGroup.join(', ')}` : `there is no setting ${key}`,
    remedy: `${near === null || group ? '' : `Did you mean ${near}? `}Run \`roamhome config show\` to list the settings.`,
  });
}
