import type { Argv, Host } from './host.ts';

/** A host's commands with the rights of root, found in these directories. `isRoot`: it has these rights already. */
export function asRoot(host: Host, path: readonly string[], isRoot: boolean): Host {
  const words = (argv: Argv): Argv => [
    ...(isRoot ? (['env'] as const) : (['sudo', '-n', 'env'] as const)),
    // An admin's shell, or sudo, may have another PATH, and messages in another language.
    ...[`PATH=${path.join(':')}`, 'LC_ALL=C', ...argv],
  ];
  return {
    name: host.name,
    run: (argv, options) => host.run(words(argv), options),
    stream: (argv, options) => host.stream(words(argv), options),
    close: () => host.close(),
  };
}
