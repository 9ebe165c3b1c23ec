/** What an event may carry. The named fields mean the same everywhere. */
export interface LogFields {
  /** One word for all that one start of Roamhome did. */
  readonly run?: string;
  readonly user?: string;
  /** Where a command ran: `this Mac`, or the server's address. */
  readonly host?: string;
  readonly dataset?: string;
  readonly snapshot?: string;
  readonly step?: string;
  /** Of a transfer. */
  readonly bytes?: number | bigint;
  readonly durationMs?: number;
  /** What was thrown; written with code, remedy and causes, and with the stack when it is no RoamhomeError. */
  readonly error?: unknown;
  /** A command's words; at debug only. */
  readonly argv?: readonly string[];
  readonly [name: string]: unknown;
}

/** From the most to the least important. */
export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/** Where events go. Logging never throws and never fails a run. */
export interface Log {
  /** `event` is a short constant phrase (`snapshot taken`); what varies is in the fields. */
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** The same log, with these fields in each event. */
  child(fields: LogFields): Log;
  /** Resolves when every event is on disk. Closes the whole log, also when called on a child. Idempotent. */
  close(): Promise<void>;
}
