import { RoamhomeError } from '../errors/errors.ts';

/** Text before and behind the mistake that is shown: with both a terminal's line is not filled. */
const shownBefore = 40;
const shownBehind = 30;

/** `schedule-invalid`: where in the text, and what was expected there. */
export class ScheduleInvalidError extends RoamhomeError {
  /** Two lines: the text around the mistake, and a caret below it. */
  readonly excerpt: readonly [text: string, caret: string];
  /** Where and why, without the text. */
  readonly mistake: string;

  /** `at`: of the first character that is wrong, from 0; the text's length when it ends too soon. */
  constructor(what: string, text: string, at: number, why: string) {
    const mistake = `at character ${at + 1}: ${why}`;
    super({
      code: 'schedule-invalid',
      message: `the ${what} ${JSON.stringify(text)} is not understood ${mistake}`,
      remedy:
        'Write it as 24h=>5min,7d=>1h (age=>interval) or as 10,5min24h,1h7d (interval, then age); `roamhome schedule explain` shows what one means.',
    });
    this.mistake = mistake;
    const from = Math.max(0, at - shownBefore);
    const to = Math.min(text.length, at + shownBehind);
    const [before, behind] = [from > 0 ? '…' : '', to < text.length ? '…' : ''];
    this.excerpt = [`${before}${text.slice(from, to)}${behind}`, `${' '.repeat(before.length + at - from)}^`];
  }
}
