import { listUsers } from '../../provision/user/list-users.ts';
import type { CliContext } from '../framework/context.ts';
import { formatUsers, usersToJson } from './user-table.ts';
import { withUsers, type UserOptions } from './with-users.ts';

export interface UserListOptions extends UserOptions {
  readonly json: boolean;
}

/** Prints the users. */
export async function runUserList(options: UserListOptions, context: CliContext): Promise<void> {
  await withUsers(options, context, async (homes, directory) => {
    const users = await listUsers(homes, directory, context.signal);
    context.print(options.json ? usersToJson(users) : formatUsers(users));
  });
}
