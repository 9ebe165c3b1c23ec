import type { Argv } from 'yargs';
import { EX } from '../../errors/exit-codes.ts';
import type { CliContext, GlobalOptions, RegisterCommand } from '../framework/context.ts';

type AddConfigCommand = (config: Argv<GlobalOptions>, context: CliContext) => unknown;

const json = { type: 'boolean', default: false, describe: 'Print JSON' } as const;
const keyWord = { type: 'string', demandOption: true, describe: 'Its name, as server.port' } as const;

const addGet: AddConfigCommand = (config, context) =>
  config.command(
    'get <key>',
    'Print the value of a setting',
    (get) =>
      get
        .positional('key', keyWord)
        .option('json', json)
        .epilogue('Prints an empty line for a setting without a value.')
        .example('$0 config get server.address', 'The server of this machine'),
    async (options) => {
      const [{ loadSettings }, { describeSetting }] = await Promise.all([
        import('../framework/load-cli-config.ts'),
        import('./values.ts'),
      ]);
      const { text, document, isWrong } = describeSetting(options.key, await loadSettings(options));
      context.print(options.json ? document : text);
      if (isWrong) context.setExitCode(EX.CONFIG);
    },
  );

const addSet: AddConfigCommand = (config, context) =>
  config.command(
    'set <key> <value>',
    'Change a setting in the file of this machine',
    (set) =>
      set
        .positional('key', keyWord)
        .positional('value', {
          type: 'string',
          demandOption: true,
          describe: 'A list has colons, as PATH has; ages are JSON',
        })
        .option('dry-run', { type: 'boolean', default: false, describe: 'Show the change, and make none' })
        .option('json', json)
        .epilogue('Writes the file whole or not at all. Keeps its mode, its owner, and all other settings.')
        .example('$0 config set server.port 2222', 'The port of the server’s sshd')
        .example('$0 config set jobs.thinAt 12:30 --dry-run', 'What would change'),
    async (options) => {
      const { setSetting } = await import('./set.ts');
      const { text, document } = await setSetting(options, context.signal);
      context.print(options.json ? document : text);
    },
  );

const addCheck: AddConfigCommand = (config, context) =>
  config.command(
    'check',
    'Report every mistake in the settings',
    (check) =>
      check
        .option('json', json)
        .epilogue(
          'Ends with 78 when a setting is wrong. A setting that this version does not know is a warning.',
        )
        .example('$0 config check', 'The settings of this machine')
        .example('$0 config check --config new.json', 'A file, before it is in effect'),
    async (options) => {
      const [{ loadSettings }, { describeCheck }] = await Promise.all([
        import('../framework/load-cli-config.ts'),
        import('./values.ts'),
      ]);
      const { text, document, isWrong } = describeCheck(await loadSettings(options));
      context.print(options.json ? document : text);
      if (isWrong) context.setExitCode(EX.CONFIG);
    },
  );

const addPath: AddConfigCommand = (config, context) =>
  config.command(
    'path',
    'Print the path of the file of settings',
    (path) =>
      path
        .option('json', json)
        .epilogue('JSON has each file that is read, the weakest first.')
        .example('$0 config path', 'The file that `config set` writes'),
    async (options) => {
      const { describeFiles } = await import('./values.ts');
      const { text, document } = describeFiles(options.config);
      context.print(options.json ? document : text);
    },
  );

const addShow: AddConfigCommand = (config, context) =>
  config.command(
    'show',
    'Show each setting in effect, and where it came from',
    (show) =>
      show
        .option('json', json)
        .epilogue('Reports each mistake in the settings, and ends with 78 then.')
        .example('$0 config show', 'What is in effect on this machine')
        .example('$0 config show --set server.port=2222', 'Try a setting out'),
    async (options) => {
      const [{ loadSettings }, { settingsToJson, formatTable, isWrong, settingRows }] = await Promise.all([
        import('../framework/load-cli-config.ts'),
        import('./table.ts'),
      ]);
      const loaded = await loadSettings(options);
      const rows = settingRows(loaded);
      context.print(options.json ? settingsToJson(rows, loaded) : formatTable(rows, loaded));
      if (isWrong(loaded)) context.setExitCode(EX.CONFIG);
    },
  );

/** `roamhome config`: the settings of this machine, by their names. */
export const registerConfig: RegisterCommand = (program, context) => {
  program.command('config', 'Look at the settings, and change them', (config) => {
    for (const add of [addShow, addGet, addSet, addCheck, addPath]) add(config, context);
    return config.demandCommand(
      1,
      'config needs to be told what to do with it: show, get, set, check or path',
    );
  });
};
