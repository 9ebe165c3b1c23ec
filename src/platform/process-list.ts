/** A process as the system lists it; zombies are left out: they hold nothing and cannot be ended. */
export interface ProcessEntry {
  readonly pid: number;
  readonly ppid: number;
  /** The effective and the real user. */
  readonly uid: number;
  readonly realUid: number;
}

/** The processes that run as the user, without `self` and its ancestors, which must outlive the ending of the rest. */
export function processesOf(
  uid: number,
  processes: readonly ProcessEntry[],
  self: number,
): readonly ProcessEntry[] {
  const parents = new Map(processes.map((entry) => [entry.pid, entry.ppid]));
  const spared = new Set<number>();
  for (let pid: number | undefined = self; pid !== undefined && !spared.has(pid); pid = parents.get(pid)) {
    spared.add(pid);
  }
  return processes.filter(
    (entry) => entry.pid > 1 && !spared.has(entry.pid) && (entry.uid === uid || entry.realUid === uid),
  );
}
