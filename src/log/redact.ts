const replacement = '[redacted]';

const secrets: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  // A key cut short is a secret too.
  [
    /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/g,
    '[redacted key]',
  ],
  // What `zfs receive -s` leaves: version, checksum, size and payload. Whoever has it can have the stream's rest sent.
  [/(?<![\w-])1-[0-9a-f]+-[0-9a-f]+-[0-9a-f]+/g, '[redacted token]'],
  [/(pass(?:word|phrase|wd)["']?\s*[=:]\s*)(?:"[^"]*"|'[^']*'|[^\s,;"']+)/gi, `$1${replacement}`],
  [/(\/\/[^\s/:@]+:)[^\s/@]+@/g, `$1${replacement}@`],
];

/** The text without resume tokens, private keys and passwords. Pure. */
export function redact(text: string): string {
  return secrets.reduce((clean, [pattern, instead]) => clean.replace(pattern, instead), text);
}

/** True for the name of a field whose value is a secret whatever it looks like. */
export function isSecretName(name: string): boolean {
  return /pass(?:word|phrase|wd)|secret|private_?key/i.test(name);
}

/** What is written instead of the value of such a field. */
export const redactedValue = replacement;
