import { propertyNamed, propertyOf, type Target } from '../columns.ts';
import { usageError } from '../failure.ts';
import type { Call } from '../machine.ts';
import { nativeProperties, readonlyProperties } from '../native-properties.ts';
import { parseWords } from '../options.ts';
import { printTable } from '../table.ts';
import { parseKinds } from '../targets.ts';
import { depthOf, openable } from './list.ts';

const fields = ['name', 'property', 'value', 'source'] as const;

/** zfs get [-Hp] [-r|-d DEPTH] [-o FIELDS] [-t TYPES] [-s SOURCES] all|PROPERTIES [NAME]... */
export function get(call: Call, words: readonly string[]): number {
  const options = parseWords('get', words, 'Hpro:t:s:d:');
  const [wanted, ...names] = options.rest;
  if (wanted === undefined) throw usageError('missing property argument', 'get');
  const shown = (options.last('o') ?? 'name,property,value,source').split(',');
  for (const field of shown) {
    if (!fields.some((known) => known === field)) throw usageError(`invalid column name '${field}'`, 'get');
  }
  const properties =
    wanted === 'all'
      ? null
      : wanted.split(',').map((name) => {
          const whole = propertyNamed(name);
          if (whole === null) throw usageError(`bad property list: invalid property '${name}'`, 'get');
          return whole;
        });
  const sources = options.last('s')?.split(',');
  const kinds = parseKinds(options.last('t') ?? 'all');
  const { targets, failed } = openable(call, names, { kinds, depth: depthOf(options, 'get') });
  const rows = targets.flatMap((target) =>
    (properties ?? allOf(target)).flatMap((property) => {
      const found = propertyOf(call.machine, target, property, options.has('p'));
      if (found === null && properties === null) return [];
      const row = { name: target.name, property, value: found?.value ?? '-', source: found?.source ?? '-' };
      const kind = row.source.startsWith('inherited')
        ? 'inherited'
        : row.source === '-'
          ? 'none'
          : row.source;
      if (sources?.includes(kind) === false) return [];
      return [shown.map((field) => row[field as (typeof fields)[number]])];
    }),
  );
  if (rows.length > 0)
    printTable(call.out, options.has('H') ? null : shown.map((field) => field.toUpperCase()), rows);
  return failed ? 1 : 0;
}

/** What `get all` names, in no particular order but ours. */
function allOf(target: Target): readonly string[] {
  const own =
    target.kind === 'filesystem' || target.kind === 'volume'
      ? [...target.dataset.properties.keys()].filter((name) => name.includes(':'))
      : [];
  return [...readonlyProperties, ...nativeProperties.keys(), ...own].filter((name) => name !== 'name');
}
