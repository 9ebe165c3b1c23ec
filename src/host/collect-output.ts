import { OUTPUT_LIMIT_BYTES, tooMuchOutputError } from './command-errors.ts';
import type { Argv, CommandResult, RunningCommand } from './host.ts';

/** Gives a streamed command its input, and takes all its output into memory as UTF-8. */
export async function collectOutput(command: RunningCommand, argv: Argv, input = ''): Promise<CommandResult> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let tooMuch: Error | undefined;
  command.stdin.end(input);
  command.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= OUTPUT_LIMIT_BYTES) chunks.push(chunk);
    else tooMuch ??= kill(command, argv);
  });
  const result = await command.done;
  if (tooMuch !== undefined) throw tooMuch;
  return { ...result, stdout: Buffer.concat(chunks).toString('utf8') };
}

function kill(command: RunningCommand, argv: Argv): Error {
  command.kill();
  return tooMuchOutputError(argv, 'stdout');
}
