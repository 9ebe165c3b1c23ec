import type { Config } from '../../config/schema.ts';
import { binarySize } from '../../format/size.ts';
import { limitsFrom, type RootLimits } from '../../provision/server/wanted-limits.ts';
import type { ListedFilesystem } from '../../zfs/commands/list-filesystems.ts';
import { both, type Fact } from '../fact.ts';
import { critical, judging, ok, run, warning, type Check, type Finding, type Remedy } from '../finding.ts';
import { provisionAgain } from './server.ts';

interface LimitFacts {
  readonly config: Fact<Config>;
  readonly filesystems: Fact<readonly ListedFilesystem[]>;
}

/** Of what may be there: from here on a person has to look. */
const nearly = 0.9;

/** What a Mac's key can fill is bounded, and the bound is not what keeps Macs from sending. */
export const rootLimitsCheck: Check<LimitFacts> = {
  name: 'limits',
  about: 'Snapshots, datasets and space of both roots are bounded, and the bounds are not reached',
  judge: ({ config, filesystems }) =>
    judging(both(config, filesystems), ([{ server }, all]) => {
      const roots = [...new Set<string>([server.root, server.conflictsRoot])];
      const found = all.filter(({ name }) => roots.includes(name));
      const findings = found.flatMap(({ name, properties }) =>
        judgeRoot(name, limitsFrom(properties), provisionAgain(server)),
      );
      return findings.length > 0 ? findings : [ok(`no room for them: ${roots.join(' and ')} are not there`)];
    }),
};

function judgeRoot(root: string, limits: RootLimits, provision: Remedy): readonly Finding[] {
  const counted = [
    {
      what: 'snapshots',
      property: 'snapshot_limit',
      limit: limits.snapshotLimit,
      there: limits.snapshotCount,
    },
    {
      ...{ what: 'datasets', property: 'filesystem_limit' },
      ...{ limit: limits.filesystemLimit, there: limits.filesystemCount },
    },
    { what: 'bytes', property: 'quota', limit: limits.quota, there: limits.used },
  ] as const;
  const missing = counted.filter(({ limit }) => limit === null);
  const shown = (what: string, number: number): string =>
    what === 'bytes' ? binarySize(number) : String(number);
  const reached = counted.flatMap(({ what, property, limit, there }): readonly Finding[] => {
    if (limit === null || there === null || there < limit * nearly) return [];
    const raise = run(
      'here',
      [
        `zfs set ${property}=${what === 'bytes' ? `${Math.ceil((limit * 2) / 2 ** 30)}G` : limit * 2} ${root}`,
      ],
      'If all of it is wanted: ',
    );
    const text =
      what === 'bytes'
        ? `${root} has ${shown(what, there)} of the ${shown(what, limit)} that its quota allows`
        : `${root} has ${there} of the ${limit} ${what} that its ${property} allows`;
    return [
      there >= limit
        ? critical(`${text}: no Mac can send`, raise)
        : warning(`${text}; then no Mac can send`, raise),
    ];
  });
  if (missing.length + reached.length === 0)
    return [
      ok(
        `${root}: ${counted.map(({ what, limit, there }) => `${shown(what, there ?? 0)} of ${shown(what, limit ?? 0)}${what === 'bytes' ? '' : ` ${what}`}`).join(', ')}`,
      ),
    ];
  return [
    ...(missing.length === 0
      ? []
      : [
          warning(
            `${root} has no ${missing.map(({ property }) => property).join(', no ')}: whoever has a Mac's key can fill the pool`,
            provision,
          ),
        ]),
    ...reached,
  ];
}
