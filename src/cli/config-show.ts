import type { RegisterCommand } from './context.ts';

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
            .example('$0 config show', 'What is in effect on this machine')
            .example('$0 config show --set server.port=2222', 'Try a setting out'),
        async (options) => {
          const [{ loadCliConfig }, { formatJson, formatTable, settingRows }] = await Promise.all([
            import('./load-cli-config.ts'),
            import('./config-table.ts'),
          ]);
          const rows = settingRows(await loadCliConfig(options));
          context.print(options.json ? formatJson(rows) : formatTable(rows));
        },
      )
      .demandCommand(1, 'config needs to be told what to do with it: show'),
  );
};
