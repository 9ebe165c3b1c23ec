import type { Notice } from '../../platform/notice.ts';
import { problemForUser } from '../../progress/user-words.ts';
import { hasEnded, type RunStatus } from './run-status.ts';

/** More would hide one another. */
const mostNotices = 3;
/** About what macOS and the desktops of Linux show. */
const mostCharacters = 300;

/** What the user is to be told of a run that is over, in their words; nothing when all went well. Pure. */
export function noticesOf(status: RunStatus): readonly Notice[] {
  const { run, error, notices } = status;
  const problems = hasEnded(status) ? (error === null ? [] : [problemForUser(run, error.code)]) : [cutOff];
  return [
    ...problems.map((text) => ({ isUrgent: true, title: titles[run], text: shown(text) })),
    ...notices.map((text) => ({ isUrgent: false, title: 'About your home', text: shown(text) })),
  ].slice(0, mostNotices);
}

const titles: Readonly<Record<RunStatus['run'], string>> = {
  login: 'Your home may not be up to date',
  logout: 'Your work was not sent',
  checkpoint: 'Your work was not sent',
  push: 'Your work was not sent',
  restore: 'Files were not brought back',
};

/** A run that never said how it ended was killed. */
const cutOff =
  'It was cut off before it was done. Nothing is lost. If files are missing, log out and in again.';

/** One line without control characters, of a length that is shown. */
function shown(text: string): string {
  const line = text.replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim();
  return line.length <= mostCharacters ? line : `${line.slice(0, mostCharacters - 1)}…`;
}
