/** A line of authorized_keys that sshd reads as a key, in its parts. */
export interface KeyLine {
  /** As sshd has them, such as `restrict,command="…"`; '' where there are none. */
  readonly options: string;
  /** The type of the key and all that follows. */
  readonly fields: string;
}

/** Every type that sshd takes begins so, and the base64 of each with the length of its name (RFC 4253, 6.6). */
const beginsWithKey = /^(?:ssh|ecdsa|sk)-[^\s,]+[ \t]+AAAA/;

/** Takes a line apart as sshd(8) says: options end at the first blank that is not in quotes. null: sshd finds no key in it. Pure. */
export function splitKeyLine(line: string): KeyLine | null {
  const text = line.trim();
  if (beginsWithKey.test(text)) return { options: '', fields: text };
  const [, options = '', fields = ''] = /^((?:[^\s"]|"(?:\\"|[^"])*")+)[ \t]+(.*)$/.exec(text) ?? [];
  return !text.startsWith('#') && beginsWithKey.test(fields) ? { options, fields } : null;
}

/** Each option by itself, such as `restrict` and `command="a, b"`. Pure. */
export function splitOptions(options: string): readonly string[] {
  return options.match(/(?:[^,"]|"(?:\\"|[^"])*")+/g) ?? [];
}
