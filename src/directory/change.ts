/** The attributes of an entry, each with its values. */
export type Attributes = Readonly<Record<string, readonly string[]>>;

/** One change of one entry, which the directory makes whole or not at all. */
export type DirectoryChange =
  | { readonly kind: 'add'; readonly dn: string; readonly attributes: Attributes }
  | { readonly kind: 'modify'; readonly dn: string; readonly steps: readonly ModifyStep[] }
  /** `newRdn`: `uid=bob`. The old value of the name goes. */
  | { readonly kind: 'rename'; readonly dn: string; readonly newRdn: string }
  | { readonly kind: 'delete'; readonly dn: string };

/** A step of a modification. Values that are deleted and not there fail it. */
export interface ModifyStep {
  readonly operation: 'add' | 'delete' | 'replace';
  readonly attribute: string;
  readonly values: readonly string[];
}

/** A change as LDIF (RFC 2849), as `ldapmodify` would read it. Pure. */
export function toLdif(change: DirectoryChange): readonly string[] {
  const lines = [ldifLine('dn', change.dn)];
  switch (change.kind) {
    case 'add':
      lines.push('changetype: add');
      for (const [name, values] of Object.entries(change.attributes))
        lines.push(...values.map((value) => ldifLine(name, value)));
      return lines;
    case 'modify':
      lines.push('changetype: modify');
      for (const { operation, attribute, values } of change.steps)
        lines.push(`${operation}: ${attribute}`, ...values.map((value) => ldifLine(attribute, value)), '-');
      return lines;
    case 'rename':
      return [...lines, 'changetype: modrdn', ldifLine('newrdn', change.newRdn), 'deleteoldrdn: 1'];
    case 'delete':
      return [...lines, 'changetype: delete'];
  }
}

/** SAFE-STRING of RFC 2849; all else in base64. */
function ldifLine(name: string, value: string): string {
  // oxlint-disable-next-line no-control-regex -- the characters that LDIF takes as they are
  const isSafe = /^(?![ :<])[\x01-\x09\x0b\x0c\x0e-\x7f]*$/.test(value) && !value.endsWith(' ');
  return isSafe ? `${name}: ${value}` : `${name}:: ${Buffer.from(value).toString('base64')}`;
}
