import { AppConfig } from '../common/config/app-config';
import { loadConfig } from '../common/config/config.module';
import { StartupError } from '../common/errors';
import { claimDataFolder } from './data-folder';
import { assertPortFree } from './free-port';
import { Output } from './output';
import { Supervisor } from './supervisor';
import { watchSources } from './watch-sources';
import { EXIT_USAGE } from '../common/exit-status';

/**
 * `node dist/quickstart`: starts everything, and resolves when everything has been stopped.
 * @returns the exit status.
 * @throws StartupError with one line that says what to change.
 */
export async function startQuickstart(words: readonly string[]): Promise<number> {
  const strange = words.find((word) => word !== '--watch');
  if (strange !== undefined) throw new StartupError(`quickstart does not know "${strange}". Try --help.`, EXIT_USAGE);
  const config = loadConfig();
  const release = claimDataFolder(config.settings.DATA_DIR);
  await assertPortFree(config);
  const supervisor = new Supervisor(config, childEnvironment(), new Output(process.stdout));
  supervisor.stopOnSignals();
  const unwatch = words.includes('--watch') ? watchSources(config.home, supervisor) : () => undefined;
  try {
    return await supervisor.run(welcome(config));
  } finally {
    unwatch();
    release();
  }
}

/** The settings of this process (`.env` included), which the children share. */
function childEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, FIRST_ACCOUNT_IS_ADMIN: process.env['FIRST_ACCOUNT_IS_ADMIN'] ?? 'on' };
}

function welcome(config: AppConfig): string[] {
  const { PORT, DATA_DIR, PUBLIC_URL } = config.settings;
  return [
    `Showrunner is ready: ${PUBLIC_URL ?? `http://localhost:${PORT}`}`,
    `Everything is kept in ${DATA_DIR}. Ctrl-C stops it; programs that run go on, and the next start finds them.`,
  ];
}
