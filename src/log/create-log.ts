import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { createLogger, transports } from 'winston';
import { FileLines } from './file-lines.ts';
import { toJsonLine, toTerminalLine, type LogEvent } from './lines.ts';
import type { Log, LogFields, LogLevel } from './log.ts';
import { redact } from './redact.ts';

export interface LogOptions {
  /** Absolute path; made with mode 0600, its directory with 0750. */
  readonly file: string;
  readonly level: LogLevel;
  /** Size in MiB at which the file is rotated. */
  readonly maxMebibytes: number;
  /** How many files are kept, the current one included. */
  readonly keepFiles: number;
  /** Lines for people: `tty` in colour, `plain` without; `off`: none. */
  readonly terminal: 'tty' | 'plain' | 'off';
  /** Where the lines for people go; standard error if not given. */
  readonly stderr?: Writable;
  /** The last resort, when the file cannot be written and there is no terminal. Must not throw. */
  readonly systemLog?: (priority: 'info' | 'warning' | 'err', message: string) => Promise<void>;
}

const levels = { error: 0, warn: 1, info: 2, debug: 3 } as const;
const priorities = { error: 'err', warn: 'warning', info: 'info', debug: null } as const;

/** A log to a file and, for people, to the terminal. Opens the file at the first event. */
export function createLog(options: LogOptions): Log {
  const lines = new FileLines({
    path: options.file,
    maxBytes: Math.floor(options.maxMebibytes * 1024 * 1024),
    keepFiles: options.keepFiles,
  });
  const stderr = options.stderr ?? process.stderr;
  // Whoever read our standard error has gone. That is no reason to fail; the file has it all.
  const ignore = () => undefined;
  stderr.on('error', ignore);

  let fileFailed = false;
  let closing: Promise<void> | null = null;
  let lastResort: Promise<void> = Promise.resolve();

  const toSystemLog = (level: LogLevel, text: string) => {
    const priority = priorities[level];
    if (priority === null || options.systemLog === undefined) return;
    const { systemLog } = options;
    // One after another, so that they keep their order; close() waits for the last.
    lastResort = lastResort.then(() => systemLog(priority, text)).catch(() => undefined);
  };
  const sayElsewhere = (event: LogEvent) => {
    if (options.terminal === 'off')
      toSystemLog(event.level, toTerminalLine(event, { colour: false }).slice(9));
  };
  const failFile = (error: unknown) => {
    fileFailed = true;
    const why = error instanceof Error ? error.message : String(error);
    const text = `cannot write the log file ${options.file}: ${redact(why)}; what follows is reported here only`;
    if (options.terminal === 'off') toSystemLog('warn', text);
    else stderr.write(`roamhome: ${text}\n`);
  };

  const writeToFile = (event: LogEvent) => {
    if (!fileFailed) {
      try {
        lines.write(toJsonLine(event));
        return;
      } catch (error) {
        failFile(error);
      }
    }
    sayElsewhere(event);
  };
  const writeToTerminal = (event: LogEvent) => {
    stderr.write(`${toTerminalLine(event, { colour: options.terminal === 'tty' })}\n`);
  };

  const sinks = [writeToFile, ...(options.terminal === 'off' ? [] : [writeToTerminal])].map(
    (write) => new transports.Stream({ stream: sinkOf(write) }),
  );
  const logger = createLogger({ levels, level: options.level, transports: sinks, exitOnError: false });

  const close = async () => {
    // The logger's own `finish` comes before its transports have written.
    const written = Promise.all(sinks.map((sink) => finished(sink)));
    logger.end();
    await written;
    try {
      lines.close();
    } catch (error) {
      failFile(error);
    }
    await lastResort;
    stderr.off('error', ignore);
  };

  const logWith = (base: LogFields): Log => {
    const write = (level: LogLevel) => (event: string, fields?: LogFields) => {
      // After close() there is no file any more; a late event of something that is being torn down is no failure.
      if (closing !== null) return;
      const logEvent: LogEvent = {
        time: new Date().toISOString(),
        level,
        event,
        fields: { ...base, ...fields },
      };
      // In an entry of its own: winston appends a field named `message` to the message.
      logger.log({ level, message: event, logEvent });
    };
    return {
      debug: write('debug'),
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
      child: (fields) => logWith({ ...base, ...fields }),
      close: () => (closing ??= close()),
    };
  };
  return logWith({});
}

function sinkOf(write: (event: LogEvent) => void): Writable {
  return new Writable({
    objectMode: true,
    write: (entry: { logEvent: LogEvent }, _encoding, done) => {
      write(entry.logEvent);
      done();
    },
  });
}
