import type { Config } from '../config/schema.ts';
import type { DirectoryPlace } from '../directory/apply-step.ts';
import { openDirectory } from '../directory/open-directory.ts';
import { readBindSecret } from '../directory/secret.ts';
import { directorySettings } from '../directory/settings.ts';

/** Logs in to the configured directory. Its `directory` is to be closed. */
export async function wireDirectory(config: Config, signal: AbortSignal): Promise<DirectoryPlace> {
  const settings = directorySettings(config);
  const secret = readBindSecret(settings.bindSecretFile, process.env);
  return { directory: await openDirectory(settings, secret, signal), settings, signal };
}
