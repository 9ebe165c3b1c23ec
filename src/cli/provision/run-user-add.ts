import { readFile } from 'node:fs/promises';
import type { DirectoryPlace } from '../../directory/apply-step.ts';
import { isRoamhomeError, RoamhomeError } from '../../errors/errors.ts';
import { addUserTasks } from '../../provision/user/add-user.ts';
import { decodeCsv, isUid, readCsv } from '../../provision/user/csv.ts';
import type { HomesPlace } from '../../provision/user/place.ts';
import { parseQuota } from '../../provision/user/size.ts';
import { usualFolders } from '../../homes/mount/excluded-folders.ts';
import type { UserRequest } from '../../provision/user/user-request.ts';
import { parseUserName } from '../../zfs/names.ts';
import type { CliContext } from '../framework/context.ts';
import { addFromCsv } from './add-from-csv.ts';
import { performTasks } from './run-provision.ts';
import { withUsers, type UserOptions } from './with-users.ts';

export interface UserAddOptions extends UserOptions {
  readonly name: string | undefined;
  readonly csv: string | undefined;
  readonly uid: string | undefined;
  readonly fullName: string | undefined;
  readonly mail: string | undefined;
  readonly quota: string | undefined;
  readonly excludeUsual: boolean;
  readonly prepareDirectory: boolean;
  readonly dryRun: boolean;
  readonly json: boolean;
}

/** Adds one user, or those of a file. */
export async function runUserAdd(options: UserAddOptions, context: CliContext): Promise<void> {
  const quota = options.quota === undefined ? null : parseQuota(options.quota);
  const excluded = options.excludeUsual ? usualFolders : null;
  if (options.csv !== undefined) {
    if (options.name !== undefined) throw usage('both a name and --csv are given');
    const { users, mistakes } = readCsv(await readList(options.csv));
    await withUsers(options, context, (homes, directory) =>
      addFromCsv(
        users.map(({ line, request }) => ({
          line,
          request: { ...request, excluded, quota: request.quota ?? quota },
        })),
        mistakes,
        tasksWith(homes, directory, options),
        options,
        context,
      ),
    );
    return;
  }
  const request = { ...requestOf(options), quota, excluded };
  await withUsers(options, context, (homes, directory) =>
    performTasks(tasksWith(homes, directory, options)(request), options, context),
  );
}

function tasksWith(homes: HomesPlace, directory: DirectoryPlace | null, options: UserAddOptions) {
  return (request: UserRequest) => addUserTasks(homes, directory, request, options.prepareDirectory);
}

function requestOf({
  name,
  uid,
  fullName,
  mail,
  ldap,
}: UserAddOptions): Omit<UserRequest, 'quota' | 'excluded'> {
  if (name === undefined) throw usage('neither a name nor --csv is given');
  if (uid !== undefined && !isUid(uid)) throw usage(`${uid} is no uid`);
  if (!ldap && (fullName !== undefined || mail !== undefined))
    throw usage('--full-name and --mail are for the directory: --ldap');
  return {
    user: parseUserName(name),
    uidNumber: uid === undefined ? null : Number(uid),
    fullName: fullName ?? null,
    mail: mail ?? null,
  };
}

async function readList(file: string): Promise<string> {
  try {
    return decodeCsv(await readFile(file));
  } catch (cause) {
    if (isRoamhomeError(cause)) throw cause;
    throw new RoamhomeError({
      code: 'file-unreadable',
      message: `cannot read ${file}: ${cause instanceof Error ? cause.message : String(cause)}`,
      remedy: 'Correct the path of --csv.',
      cause,
    });
  }
}

function usage(message: string): RoamhomeError {
  return new RoamhomeError({
    code: 'usage',
    message,
    remedy: 'Run `roamhome provision user add --help`.',
  });
}
