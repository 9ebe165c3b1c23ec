/** A value as one part of a distinguished name (RFC 4514, 2.4). Pure. */
export function escapeDn(value: string): string {
  return value
    .replace(/[\\,+"<>;=]/g, '\\$&')
    .replace(/^[ #]/, '\\$&')
    .replace(/ $/, '\\ ');
}

/** A value within a search filter (RFC 4515, 3). Pure. */
export function escapeFilter(value: string): string {
  return value.replace(/[\\*()\0]/g, (char) => `\\${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** True when two distinguished names are written alike but for case and the blanks around commas. Pure. */
export function sameDn(a: string, b: string): boolean {
  const plain = (dn: string): string => dn.toLowerCase().replace(/\s*([,=])\s*/g, '$1');
  return plain(a) === plain(b);
}

/** What is above an entry. A comma that belongs to a value is escaped. Pure. */
export function parentDn(dn: string): string {
  return /^(?:\\.|[^\\,])*,(.*)$/s.exec(dn)?.[1]?.trim() ?? '';
}

/** The attribute and the value of an entry's own part of its name: `ou=people,…` gives `ou` and `people`. Pure. */
export function rdnOf(dn: string): { readonly attribute: string; readonly value: string } {
  const own = /^\s*([A-Za-z0-9-]+)\s*=\s*((?:\\.|[^\\,])*?)\s*(?:,|$)/s.exec(dn);
  return { attribute: own?.[1] ?? '', value: (own?.[2] ?? '').replace(/\\(.)/gs, '$1') };
}
