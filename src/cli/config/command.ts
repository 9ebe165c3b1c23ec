import { EX } from '../../errors/exit-codes.ts';
import type { RegisterCommand } from '../framework/context.ts';

/** `roamhome config show`: each setting in effect, and where it came from. */
export const registerConfig: RegisterCommand = (program, context) => {
  program.command('config', 'Look at the configuration', (config) =>
    config
      .command(
        'show',
        'Show each setting in effect, and where it came from',
        (show) =>
          show
            .option('json', { type: 'boolean', default: false, describe: 'Print JSON' })
            .epilogue('Reports each mistake in the settings, and ends with 78 then.')
            .example('$0 config show', 'What is in effect on this machine')
            .example('$0 config show --set server.port=2222', 'Try a setting out'),
        async (options) => {
          const [{ loadSettings }, { settingsToJson, formatTable, isWrong, settingRows }] = await Promise.all(
            [import('../framework/load-cli-config.ts'), import('./table.ts')],
          );
          const loaded = await loadSettings(options);
          const rows = settingRows(loaded);
          context.print(options.json ? settingsToJson(rows, loaded) : formatTable(rows, loaded));
          if (isWrong(loaded)) context.setExitCode(EX.CONFIG);
        },
      )
      .demandCommand(1, 'config needs to be told what to do with it: show'),
  );
};
