/** Which run it is. */
export interface Run {
  readonly what: 'login' | 'logout' | 'checkpoint' | 'push' | 'restore';
  readonly user: string;
}
