import { RoamhomeError } from '../../errors/errors.ts';
import { ask } from '../framework/ask.ts';

/**
 * Has a person agree to what is shown, once for each thing: the looks before the first change and those of the tasks' turns are one
 * question. In a dry run it is shown only. Throws `not-confirmed`, and `usage` where nobody can be asked; `instead`: what to give then.
 */
export function createConfirm(options: {
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly instead: string;
  readonly signal: AbortSignal;
}): (lines: readonly string[]) => Promise<void> {
  const agreed = new Set<string>();
  return async (lines) => {
    const text = lines.join('\n');
    if (agreed.has(text)) return;
    process.stderr.write(`${text}\n`);
    if (!options.dryRun && !options.yes) {
      const answer = await ask('Is that right? (yes or no) ', options.instead, options.signal);
      if (answer.trim().toLowerCase() !== 'yes')
        throw new RoamhomeError({
          code: 'not-confirmed',
          message: 'you did not say yes',
          remedy: 'Run it again when you know.',
        });
    }
    agreed.add(text);
  };
}
