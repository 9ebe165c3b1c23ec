import { macQuestions } from '../../doctor/ask-mac.ts';
import { gather, learn } from '../../doctor/fact.ts';
import { makeChecks, type Checked } from '../../doctor/finding.ts';
import { macChecks } from '../../doctor/mac-checks.ts';
import { serverChecks } from '../../doctor/server-checks.ts';
import { serverQuestions } from '../../doctor/ask-server.ts';
import { observeInstall } from '../../doctor/observe-install.ts';
import { checksToJson, describeChecks, exitCodeOfChecks, summariseChecks } from '../../doctor/report.ts';
import { shellWord } from '../../host/shell-word.ts';
import type { Machine } from '../../install/machine.ts';
import { wireMacDoctor, wireServerDoctor, type DoctorParts } from '../../wire/doctor.ts';
import { wireMachine, type InstallPlace } from '../../wire/install.ts';
import type { ZfsObserver } from '../../zfs/sync-zfs.ts';
import type { CliContext, GlobalOptions } from '../framework/context.ts';
import { roleHere } from '../framework/demand-side.ts';
import { settingsFor, wantedHere } from '../install/install-here.ts';
import { thisPlace } from '../install/install-place.ts';
import { loadSettings } from '../framework/load-cli-config.ts';
import { requireRoot } from '../framework/require-root.ts';
import { rootRuns } from '../install/root-runs.ts';
import { openSystem } from '../../wire/system.ts';
import { systemKind } from '../../config/system-kind.ts';

export interface DoctorCliOptions extends GlobalOptions {
  readonly server: boolean;
  readonly json: boolean;
}

/** Makes all checks of this machine and tells what is found; the exit code is that of a plugin of Nagios. */
export async function runDoctor(
  options: DoctorCliOptions,
  context: CliContext,
  place?: InstallPlace,
): Promise<void> {
  requireRoot('the key, the jobs and the datasets are root’s to look at');
  const server = options.server || (await roleHere(await loadSettings(options))).is === 'server';
  const checks = await (server ? checkServer : checkMac)({ ...options, server }, context, place);
  const lines = [summariseChecks(checks), ...describeChecks(checks)];
  context.print(options.json ? checksToJson(checks) : lines.join('\n'));
  context.setExitCode(exitCodeOfChecks(checks));
}

type Close = () => Promise<void>;
type MakeChecks = (
  options: DoctorCliOptions,
  context: CliContext,
  place?: InstallPlace,
) => Promise<readonly Checked[]>;

const checkMac: MakeChecks = (options, context, place) =>
  closingAll(async (closing) => {
    const tools = await learn(async () => {
      const mac = wireMacDoctor(await openParts(options, context, closing, place));
      closing.push(() => mac.serverHost.close());
      return mac;
    });
    const kind = place?.kind ?? systemKind(process.platform);
    // Alone, so that what it takes is the connection's own.
    return makeChecks(macChecks(kind), await gather(macQuestions, tools, ['connection']));
  });

const checkServer: MakeChecks = (options, context, place) =>
  closingAll(async (closing) => {
    const tools = await learn(async () =>
      wireServerDoctor(await openParts(options, context, closing, place)),
    );
    return makeChecks(serverChecks, await gather(serverQuestions, tools));
  });

async function closingAll<T>(task: (closing: Close[]) => Promise<T>): Promise<T> {
  const closing: Close[] = [];
  try {
    return await task(closing);
  } finally {
    for (const close of closing) await close();
  }
}

/** This machine; what has to be closed is added to `closing`. */
async function openParts(
  options: DoctorCliOptions,
  { signal }: CliContext,
  closing: Close[],
  place?: InstallPlace,
): Promise<DoctorParts> {
  const loaded = await loadSettings(options);
  const system = openSystem(loaded.config, place?.kind);
  closing.push(() => system.localHost.close());
  let opened: Machine | undefined;
  const there = (): InstallPlace => place ?? thisPlace();
  const machine = (): Machine => {
    if (opened !== undefined) return opened;
    const made = wireMachine(there(), signal);
    closing.push(() => made.host.close());
    return (opened = made);
  };
  return {
    kind: place?.kind ?? systemKind(process.platform),
    ...{ loaded, signal, machine, observer: observerOf(options) },
    ...{ localHost: system.localHost, platform: system.platform, listProcesses: system.listProcesses },
    programs: () => rootRuns(loaded.config, there()),
    observeInstall: async () => {
      const own = await settingsFor(there(), { config: undefined, set: [] });
      return observeInstall({
        ...{ machine: machine(), kind: there().kind, server: options.server },
        wantedFor: (role) => wantedHere(role, there(), own, machine().services),
      });
    },
  };
}

/** With --verbose every command that is run is told. */
function observerOf({ verbose }: DoctorCliOptions): ZfsObserver {
  const say = (text: string): void => {
    if (verbose) process.stderr.write(`roamhome: ${text}\n`);
  };
  return {
    command: (host, argv) => {
      say(`${host}: ${argv.map(shellWord).join(' ')}`);
    },
    warning: (host, _argv, line) => {
      say(`${host} said: ${line}`);
    },
  };
}
