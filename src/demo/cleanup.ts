interface Task {
  /** For the message when it fails: `the pool data`. */
  readonly what: string;
  readonly remove: () => Promise<void> | void;
}

/** What has to be gone in the end, however it ends. */
export class Cleanup {
  readonly #tasks: Task[] = [];

  add(what: string, remove: Task['remove']): void {
    this.#tasks.push({ what, remove });
  }

  /** Removes all, the newest first. What cannot be removed is returned as lines, and stops nothing. */
  async run(): Promise<readonly string[]> {
    const failed: string[] = [];
    for (let task = this.#tasks.pop(); task !== undefined; task = this.#tasks.pop()) {
      try {
        await task.remove();
      } catch (error) {
        failed.push(`cannot remove ${task.what}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    return failed;
  }
}
