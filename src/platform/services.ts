import type { Argv } from '../host/host.ts';

/** What is run by itself: a launchd job, or a systemd service with what starts it. */
export type Job = 'thin' | 'pending' | 'checkpoint' | 'server' | 'watch-console';

/** `whole`: as it is to be; `partly`: some of it, such as a timer that runs and is not enabled. */
export type JobState = 'absent' | 'partly' | 'whole';

/** launchd or systemd. The methods throw `command-failed`. */
export interface ServiceManager {
  /** Where the files of its jobs are. */
  readonly directory: string;
  /** The names in that directory of what the job consists of. */
  filesOf(job: Job): readonly string[];
  stateOf(job: Job): Promise<JobState>;
  /** Makes changes of files known to it; null: it reads them when a job is started. */
  readonly reloadArgv: Argv | null;
  /** The commands that make it take an absent job from its files. */
  startArgvs(job: Job): readonly Argv[];
  /** The commands after which the job is absent. What a systemd service has under way goes on; launchd ends it. */
  pauseArgvs(job: Job): readonly Argv[];
  /** The commands after which the job is absent, and nothing of it runs. */
  stopArgvs(job: Job): readonly Argv[];
  reload(): Promise<void>;
  /** Runs startArgvs, and sees to it that it was so. */
  start(job: Job): Promise<void>;
  /** Runs pauseArgvs, and awaits that it is so. */
  pause(job: Job): Promise<void>;
  /** Runs stopArgvs, and awaits the end of what runs. */
  stop(job: Job): Promise<void>;
}
