import { parentProperties } from '../parent-dataset.ts';
import { macNameRules } from '../../platform/name-rules.ts';
import type { MachineKind } from '../machine.ts';

/** With what the parent of the homes is made on a Mac or workstation. Pure. */
export function clientParentProperties(kind: MachineKind): Readonly<Record<string, string>> {
  return kind === 'macos'
    ? {
        ...parentProperties,
        // Finder shows no volume for each home.
        'com.apple.browse': 'off',
        ...macNameRules,
      }
    : { ...parentProperties, acltype: 'posixacl', xattr: 'sa' };
}

/** Where this machine's key and known_hosts are. Pure. */
export function keyDirectory(kind: MachineKind): string {
  return kind === 'macos' ? '/Library/Application Support/roamhome' : '/etc/roamhome';
}
