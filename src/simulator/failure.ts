/** How a zfs command ends that does not succeed: what it prints to stderr, and its exit code. */
export class ZfsFailure extends Error {
  override readonly name = 'ZfsFailure';
  readonly stderr: string;
  readonly exitCode: number;

  /** `text` without its last newline. zfs exits 1 on a failure, 2 on a wrong usage, 255 where it returns libzfs's -1. */
  constructor(text: string, exitCode = 1) {
    super(text);
    this.stderr = `${text}\n`;
    this.exitCode = exitCode;
  }
}

/** A command line that zfs does not understand: the reason, then how it is used, exit 2. */
export function usageError(reason: string, command?: string): ZfsFailure {
  const usage =
    command === undefined
      ? "usage: zfs command args ...\nwhere 'command' is one of the following:"
      : `usage:\n\t${command} ...`;
  return new ZfsFailure(`${reason}\n${usage}`, 2);
}

/** zfs_open()'s refusal of a name of another kind than asked for. */
export function notOfThisType(name: string): ZfsFailure {
  return new ZfsFailure(`cannot open '${name}': operation not applicable to datasets of this type`);
}

/** zfs_open()'s refusal of a name that is not there. */
export function cannotOpen(name: string): ZfsFailure {
  return new ZfsFailure(`cannot open '${name}': dataset does not exist`);
}
