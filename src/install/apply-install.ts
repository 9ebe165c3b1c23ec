import { serviceRemedy, unexpectedResult } from '../platform/command-error.ts';
import type { Argv } from '../host/host.ts';
import type { Machine } from './machine.ts';
import type { Action } from './plan-install.ts';

/** Does one thing of the plan. Throws `state-unusable` and `command-failed`; what was done before stays done. */
export async function applyAction(machine: Machine, action: Action): Promise<void> {
  const { host, files, services, hooks } = machine;
  const run = async (argv: Argv | undefined): Promise<void> => {
    if (argv === undefined) throw new Error(`nobody is called at a login here: ${action.kind}`);
    const result = await host.run(argv);
    if (result.exitCode !== 0) throw unexpectedResult(argv, result, serviceRemedy);
  };
  switch (action.kind) {
    case 'make-directory':
      return files.makeDirectory(action.path, action.mode);
    case 'write-file':
      return files.write(action.file);
    case 'remove-file':
      return files.remove(action.path);
    case 'remove-directory':
      return files.removeDirectory(action.path);
    case 'reload':
      return services.reload();
    case 'start':
      return services.start(action.job);
    case 'pause':
      return services.pause(action.job);
    case 'stop':
      return services.stop(action.job);
    case 'set-hook':
      return run(hooks?.writeArgv(action.hook, action.to));
    case 'delete-hook':
      return run(hooks?.deleteArgv(action.hook));
  }
}
