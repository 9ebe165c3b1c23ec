import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

export type LabHost = 'server' | 'mac-a' | 'mac-b';

/** The saved state of the lab that every end-to-end test starts from: clean hosts with Roamhome on the Macs. */
export const installed = 'installed';

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Runs a program on this machine and collects what it prints. */
async function spawned(program: string, args: readonly string[], input?: Buffer | string): Promise<Ran> {
  const child = spawn(program, args, { cwd: root, stdio: ['pipe', 'pipe', 'pipe'] });
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() };
}

/** `scripts/lab ARGS`; throws unless it ends with 0. */
export async function lab(...args: readonly string[]): Promise<string> {
  const ran = await spawned('scripts/lab', args);
  if (ran.code !== 0) throw new Error(`lab ${args.join(' ')}: exit ${ran.code}\n${ran.stdout}${ran.stderr}`);
  return ran.stdout;
}

/** Runs argv as root in a guest, whatever its exit code. */
export async function exec(host: LabHost, argv: readonly string[], input?: Buffer | string): Promise<Ran> {
  const ran = await spawned('scripts/lab', ['exec', host, '--', ...argv], input);
  if (ran.code === 255 && ran.stderr.includes('lab:')) throw new Error(ran.stderr);
  return ran;
}

/** Runs argv as root in a guest; throws unless it ends with 0. */
export async function run(host: LabHost, ...argv: readonly string[]): Promise<string> {
  const ran = await exec(host, argv);
  if (ran.code !== 0)
    throw new Error(`${host}: ${argv.join(' ')}: exit ${ran.code}\n${ran.stdout}${ran.stderr}`);
  return ran.stdout;
}

/** A script for the guest's sh, with `set -eu`. */
export async function sh(host: LabHost, script: string): Promise<string> {
  return run(host, 'sh', '-c', `set -eu\n${script}`);
}

/** Copies a file of the repository, or the bytes given, into a guest. */
export async function put(
  host: LabHost,
  target: string,
  content: Buffer | string,
  mode = '644',
): Promise<void> {
  const ran = await exec(
    host,
    ['sh', '-c', 'umask 077; cat > "$1" && chmod "$2" "$1"', 'sh', target, mode],
    content,
  );
  if (ran.code !== 0) throw new Error(`${host}: cannot write ${target}: ${ran.stderr}`);
}

export async function fileOf(path: string): Promise<Buffer> {
  return readFile(new URL(`../../${path}`, import.meta.url));
}

/** Back to a saved state of all hosts, clocks set. */
export async function reset(state: string): Promise<void> {
  await lab('reset', state);
}
