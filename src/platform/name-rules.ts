/** How a dataset takes names of files: fixed when it is made, and taken over by those that are made below it. */
export const nameRules = ['casesensitivity', 'normalization'] as const;

type NameRules = Readonly<Record<(typeof nameRules)[number], string>>;

/** As APFS is by default: Finder shows files of other names and cannot open them, and programs rely on it. */
export const macNameRules: NameRules = { casesensitivity: 'insensitive', normalization: 'formD' };

/** Which of the rules a dataset has otherwise, in words: `casesensitivity=sensitive and normalization=none`. null: none. Pure. */
export function otherNameRules(
  there: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
): string | null {
  const other = nameRules.filter((name) => wanted[name] !== undefined && there[name] !== wanted[name]);
  return other.length === 0 ? null : other.map((name) => `${name}=${there[name] ?? '-'}`).join(' and ');
}
