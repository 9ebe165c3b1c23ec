import { execFile } from 'node:child_process';
import { lookup, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { errnoOf } from '../command-errors.ts';

/** The system's own resolver as a program, and where its output has the addresses. */
interface Resolver {
  readonly program: string;
  readonly words: (name: string) => readonly string[];
  /** The first group has the addresses of a line, with blanks between them. */
  readonly line: RegExp;
}

const resolvers: Readonly<Partial<Record<NodeJS.Platform, Resolver>>> = {
  // A line for each address and kind of socket: `10.98.7.10      STREAM server` (getent(1), glibc).
  linux: { program: '/usr/bin/getent', words: (name) => ['ahosts', name], line: /^(\S+)\s+STREAM\b/ },
  // `ip_address: 10.98.7.10`, `ipv6_address: …` (dscacheutil(1)); that each has a line of its own is nowhere promised.
  darwin: {
    program: '/usr/bin/dscacheutil',
    words: (name) => ['-q', 'host', '-a', 'name', name],
    line: /^ip(?:v6)?_address: (.+)$/,
  },
};

/** The addresses in a resolver's output, in its order, each once. Pure. */
export function parseAddresses(output: string, line: RegExp): readonly LookupAddress[] {
  const addresses = output
    .split('\n')
    .flatMap((text) => (line.exec(text)?.[1] ?? '').trim().split(/\s+/))
    .filter((address) => isIP(address) !== 0);
  return [...new Set(addresses)].map((address) => ({ address, family: isIP(address) }));
}

/**
 * Looks names up in a child process, which ends with the signal. getaddrinfo in this process could not be ended: a
 * resolver whose packets vanish would hold the whole process, and a login with it, for up to 30 s after everything is
 * done; process.exit waits for it too (seen on Node 20). Where the system's resolver is not found, it is getaddrinfo
 * all the same.
 */
export function createLookup(signal: AbortSignal, resolver = resolvers[process.platform]): LookupFunction {
  return (name, options, callback) => {
    if (resolver === undefined) {
      lookup(name, options, callback);
      return;
    }
    const { program, words, line } = resolver;
    const env = { LC_ALL: 'C', PATH: '/usr/bin:/bin' };
    execFile(program, [...words(name)], { signal, env, cwd: '/' }, (error, stdout) => {
      if (errnoOf(error) === 'ENOENT') {
        lookup(name, options, callback);
        return;
      }
      const [first, ...more] = parseAddresses(stdout, line);
      if (first === undefined) {
        // As getaddrinfo says it; the programs do not tell an unknown name from a resolver that is away.
        callback(Object.assign(new Error(`${name} was not found`), { code: 'ENOTFOUND' }), '');
      } else if (options.all === true) callback(null, [first, ...more]);
      else callback(null, first.address, first.family);
    });
  };
}
