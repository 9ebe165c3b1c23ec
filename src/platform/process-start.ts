/**
 * Tells one process from every other that had or will have its pid: a word of [A-Za-z0-9_.] made of the time it
 * started. Null when no such process lives (a zombie does not). Throws `command-failed`.
 */
export type FindProcessStart = (pid: number) => string | null | Promise<string | null>;
