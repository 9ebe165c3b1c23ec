/** A property that can be set. */
export interface NativeProperty {
  readonly default: string;
  readonly inherited: boolean;
  /** Closed list of values; `size`: bytes, 0 shown as none; `count`: a number or none; undefined: any text. */
  readonly values?: readonly string[] | 'size' | 'count';
}

const onOff = ['on', 'off'];

/** The settable native properties of file systems that the model knows (zfsprops(7)). */
export const nativeProperties: ReadonlyMap<string, NativeProperty> = new Map<string, NativeProperty>([
  ['quota', { default: '0', inherited: false, values: 'size' }],
  ['snapshot_limit', { default: 'none', inherited: false, values: 'count' }],
  ['filesystem_limit', { default: 'none', inherited: false, values: 'count' }],
  ['reservation', { default: '0', inherited: false, values: 'size' }],
  ['recordsize', { default: '131072', inherited: true, values: 'size' }],
  ['mountpoint', { default: '', inherited: true }],
  ['sharenfs', { default: 'off', inherited: true }],
  [
    'checksum',
    { default: 'on', inherited: true, values: ['on', 'off', 'fletcher2', 'fletcher4', 'sha256', 'blake3'] },
  ],
  [
    'compression',
    { default: 'on', inherited: true, values: ['on', 'off', 'lzjb', 'gzip', 'zle', 'lz4', 'zstd'] },
  ],
  ['atime', { default: 'on', inherited: true, values: onOff }],
  ['relatime', { default: 'on', inherited: true, values: onOff }],
  ['devices', { default: 'on', inherited: true, values: onOff }],
  ['exec', { default: 'on', inherited: true, values: onOff }],
  ['setuid', { default: 'on', inherited: true, values: onOff }],
  ['readonly', { default: 'off', inherited: true, values: onOff }],
  ['snapdir', { default: 'hidden', inherited: true, values: ['disabled', 'hidden', 'visible'] }],
  [
    'aclmode',
    { default: 'discard', inherited: true, values: ['discard', 'groupmask', 'passthrough', 'restricted'] },
  ],
  ['canmount', { default: 'on', inherited: false, values: ['on', 'off', 'noauto'] }],
  ['xattr', { default: 'on', inherited: true, values: ['off', 'dir', 'sa', 'on'] }],
  // Fixed when a dataset is made; here that of what is above it.
  [
    'casesensitivity',
    { default: 'sensitive', inherited: true, values: ['sensitive', 'insensitive', 'mixed'] },
  ],
  [
    'normalization',
    { default: 'none', inherited: true, values: ['none', 'formC', 'formD', 'formKC', 'formKD'] },
  ],
  ['copies', { default: '1', inherited: true, values: ['1', '2', '3'] }],
  ['refquota', { default: '0', inherited: false, values: 'size' }],
  ['refreservation', { default: '0', inherited: false, values: 'size' }],
  ['primarycache', { default: 'all', inherited: true, values: ['all', 'none', 'metadata'] }],
  ['sync', { default: 'standard', inherited: true, values: ['standard', 'always', 'disabled'] }],
  ['keylocation', { default: 'none', inherited: false }],
  ['acltype', { default: 'off', inherited: true, values: ['off', 'nfsv4', 'posix'] }],
]);

/** Those that a volume has too. */
export const volumeProperties: ReadonlySet<string> = new Set([
  'checksum',
  'compression',
  'copies',
  'keylocation',
  'primarycache',
  'readonly',
  'refreservation',
  'reservation',
  'sync',
]);

/** Other words that zfs takes for a value. */
export const valueAliases: ReadonlyMap<string, string> = new Map([
  ['acltype=posixacl', 'posix'],
  ['acltype=noacl', 'off'],
  ['xattr=sa', 'on'],
]);

/** What zfs tells of a dataset and nobody sets. */
export const readonlyProperties: readonly string[] = [
  'name',
  'type',
  'creation',
  'used',
  'snapshot_count',
  'filesystem_count',
  'available',
  'referenced',
  'mounted',
  'origin',
  'createtxg',
  'guid',
  'written',
  'userrefs',
  'clones',
  'defer_destroy',
  'receive_resume_token',
  'encryption',
  'encryptionroot',
  'keystatus',
  'keyformat',
  'volsize',
];

/** The short names of columns. */
export const propertyAliases: ReadonlyMap<string, string> = new Map([
  ['avail', 'available'],
  ['refer', 'referenced'],
  ['compress', 'compression'],
  ['recsize', 'recordsize'],
]);

/** `module:property`: anybody's own. */
export function isUserProperty(name: string): boolean {
  return name.includes(':') && /^[a-z0-9_.-]*:[a-z0-9:_.-]*$/.test(name);
}
