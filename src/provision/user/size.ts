import { RoamhomeError } from '../../errors/errors.ts';

const letters = 'KMGTP';

/** `20G` in bytes, with zfs's letters: 1K is 1024. `none` is 0. Throws `usage`. Pure. */
export function parseQuota(text: string): bigint {
  if (text === 'none') return 0n;
  const [, digits, fraction = '', letter = ''] =
    /^(\d{1,6})(?:\.(\d{1,3}))?([KMGTP])(?:i?B)?$/i.exec(text) ?? [];
  if (digits === undefined) {
    throw new RoamhomeError({
      code: 'usage',
      message: `${JSON.stringify(text)} is no quota`,
      remedy: 'Give a size with its unit, such as 20G, 1.5T or 500M, or none.',
    });
  }
  const unit = 1024n ** BigInt(letters.indexOf(letter.toUpperCase()) + 1);
  return (BigInt(digits + fraction) * unit) / 10n ** BigInt(fraction.length);
}
