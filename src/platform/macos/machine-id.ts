import type { Argv, Host } from '../../host/host.ts';
import { machineIdOf } from '../machine-id.ts';

const argv: Argv = ['ioreg', '-rd1', '-c', 'IOPlatformExpertDevice'];

/** Which Mac this is, by its board; null: it does not say. */
export async function macosMachineId(host: Host): Promise<string | null> {
  const { stdout, exitCode } = await host.run(argv);
  const [, id = ''] = /"IOPlatformUUID" = "([^"]*)"/.exec(exitCode === 0 ? stdout : '') ?? [];
  return machineIdOf(id);
}
