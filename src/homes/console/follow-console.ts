/** Users who are logged in, with their uids. */
export type LoggedIn = ReadonlyMap<string, number>;

export interface Changes {
  readonly now: LoggedIn;
  readonly came: readonly string[];
  readonly left: readonly string[];
}

/**
 * What has changed since it was looked at last. Who is at the console has come; who is not any more has left only when
 * no session of theirs is left: by fast user switching one goes on behind the login window. Pure.
 */
export function followConsole(
  before: LoggedIn,
  console: { readonly name: string; readonly uid: number } | null,
  sessions: ReadonlySet<number>,
): Changes {
  const stays = [...before].filter(([name, uid]) => name === console?.name || sessions.has(uid));
  const now = new Map([...stays, ...(console === null ? [] : [[console.name, console.uid] as const])]);
  return {
    now,
    came: [...now.keys()].filter((name) => !before.has(name)),
    left: [...before.keys()].filter((name) => !now.has(name)),
  };
}
