import { hooksDirectory } from './places.ts';

/** loginwindow has one of each. */
export type HookKind = 'LoginHook' | 'LogoutHook';

export const hookKinds: readonly HookKind[] = ['LoginHook', 'LogoutHook'];

const words: Readonly<Record<HookKind, 'login' | 'logout'>> = { LoginHook: 'login', LogoutHook: 'logout' };

/** The files of hooks/ in the package. */
export const hookFileNames: readonly string[] = ['session-hook.sh', 'login-hook', 'logout-hook'];

/** Our hook, as loginwindow is told of it. */
export function hookPath(kind: HookKind): string {
  return `${hooksDirectory}/${words[kind]}-hook`;
}

/** Where the path is kept of the hook that was there before, which ours calls. */
export function hookBeforePath(kind: HookKind): string {
  return `${hooksDirectory}/${words[kind]}-before`;
}

/** Where the path is kept of a hook that ours replaces, and that nobody calls any more. Stays when ours go. */
export function hookReplacedPath(kind: HookKind): string {
  return `${hooksDirectory}/${words[kind]}-replaced`;
}

/** The other files beside our hooks. */
export const hookNoteNames: readonly string[] = ['node', 'program'];
