/**
 * Runs a task, then tidies up, whatever became of the task. Where both fail, the task's error is thrown: that is the one that
 * says why there is no result. The other goes to `alsoFailed`.
 */
export async function tidyAfter<T>(
  task: () => Promise<T>,
  tidy: () => Promise<void>,
  alsoFailed: (error: unknown) => void,
): Promise<T> {
  let result: T;
  try {
    result = await task();
  } catch (error) {
    await tidy().catch(alsoFailed);
    throw error;
  }
  await tidy();
  return result;
}
