import type { Argv, CommandResult, Host } from '../../host/host.ts';
import { serviceRemedy, unexpectedResult } from '../command-error.ts';
import type { LoginHooks } from '../login-hooks.ts';

// Root's own preferences: there loginwindow looks, whoever logs in.
const domain = '/var/root/Library/Preferences/com.apple.loginwindow';

/** Where the payload of the profile's login scripts is as it is in force. */
const payload = '/Library/Managed Preferences/com.apple.mcxloginscripts';

/** Those of loginwindow, through `defaults`. */
export function macosLoginHooks(host: Host): LoginHooks {
  return {
    read: async (hook) => {
      const argv: Argv = ['defaults', 'read', domain, hook];
      return parseHook(argv, await host.run(argv));
    },
    isSkipped: async (hook) => {
      const argv: Argv = ['defaults', 'read', payload, `skip${hook}`];
      return parseSkip(argv, await host.run(argv));
    },
    writeArgv: (hook, path) => ['defaults', 'write', domain, hook, '-string', path],
    deleteArgv: (hook) => ['defaults', 'delete', domain, hook],
  };
}

/** Reads the answer to `defaults read DOMAIN KEY`. Null when there is no such key. Throws `command-failed`. */
export function parseHook(argv: Argv, result: CommandResult): string | null {
  if (isUnset(result)) return null;
  const [path, rest, ...more] = result.stdout.split('\n');
  // A hook is one path. Several lines are an array or a dictionary, which nobody could put back.
  if (result.exitCode !== 0 || rest !== '' || more.length > 0 || path === undefined)
    throw unexpectedResult(argv, result, serviceRemedy);
  // Set to nothing: as good as not set.
  return path === '' ? null : path;
}

/** Reads the answer for a boolean of a profile: `1` or `0`. Throws `command-failed`. */
function parseSkip(argv: Argv, result: CommandResult): boolean {
  if (isUnset(result)) return false;
  const value = result.stdout.trim();
  if (result.exitCode !== 0 || (value !== '1' && value !== '0'))
    throw unexpectedResult(argv, result, serviceRemedy);
  return value === '1';
}

function isUnset({ exitCode, stderr }: CommandResult): boolean {
  return exitCode === 1 && /The domain\/default pair of \(.*\) does not exist/.test(stderr);
}
