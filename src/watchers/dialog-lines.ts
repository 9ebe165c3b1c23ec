import type { Argv } from '../host/host.ts';
import type { ProgressView } from '../progress/track.ts';
import { activityInWords, leftInWords, percentOf, sizeInWords, snapshotsInWords } from '../progress/words.ts';
import type { Run } from '../progress/run.ts';
import { problemForUser } from '../progress/user-words.ts';

const messages: Readonly<Record<Run['what'], string>> = {
  login: 'Your home is being brought up to date.',
  logout: 'Your work is being sent to the server.',
  checkpoint: 'Your work is being sent to the server.',
  push: 'Your work is being sent to the server.',
  restore: 'Files are being brought back.',
};

/** What swiftDialog is started with; it makes the command file itself. Pure. */
export function dialogArgv(program: string, run: Run, commandFile: string): Argv {
  return [
    program,
    ...['--title', 'Roamhome', '--message', messages[run.what]],
    ...['--progress', '100', '--progresstext', 'Please wait', '--button1disabled', '--ontop'],
    ...['--commandfile', commandFile],
  ];
}

/** The lines that make the window show a state. Pure. */
export function dialogLines(run: Run, view: ProgressView): readonly string[] {
  if (view.activity === 'done') return ['progresstext: Done', 'progress: complete'];
  // One line is one command.
  if (view.activity === 'failed')
    return [
      `progresstext: ${problemForUser(run.what, view.problem?.code ?? 'unknown').replaceAll(/\s+/g, ' ')}`,
    ];
  const parts = [sizeInWords(view), snapshotsInWords(view), leftInWords(view)];
  const text = [activityInWords(view.activity), ...parts.filter((part) => part !== '')].join(', ');
  return [
    `progresstext: ${text.charAt(0).toUpperCase()}${text.slice(1)}`,
    `progress: ${percentOf(view.fraction)}`,
  ];
}

/** The window goes, and the program ends with 5. */
export const quitLine = 'quit:';
