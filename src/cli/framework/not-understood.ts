/** A command line that is not understood: what yargs says, with the options that it knows where it stands. */
export class NotUnderstood extends Error {
  readonly options: readonly string[];

  constructor(message: string, options: readonly string[] = []) {
    super(message);
    this.options = options;
  }
}
