import { parentProperties } from '../parent-dataset.ts';
import type { MachineKind } from '../machine.ts';

/** With what the parent of the homes is made on a Mac or workstation. Pure. */
export function clientParentProperties(kind: MachineKind): Readonly<Record<string, string>> {
  return kind === 'macos'
    ? {
        ...parentProperties,
        // Finder shows no volume for each home.
        'com.apple.browse': 'off',
        // As APFS is by default; both are fixed when a dataset is made.
        casesensitivity: 'insensitive',
        normalization: 'formD',
      }
    : { ...parentProperties, acltype: 'posixacl', xattr: 'sa' };
}

/** Where this machine's key and known_hosts are. Pure. */
export function keyDirectory(kind: MachineKind): string {
  return kind === 'macos' ? '/Library/Application Support/roamhome' : '/etc/roamhome';
}
