import type { AccountRequest } from '../../directory/account.ts';

/** What is asked for of a user. `quota`: bytes; 0: none; null: whatever there is. */
export interface UserRequest extends AccountRequest {
  readonly quota: bigint | null;
  /** Folders of the home that stay on each Mac; null: whatever there is. */
  readonly excluded: readonly string[] | null;
}
