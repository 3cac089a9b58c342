import { runEntrypoint } from './common/runtime';
import { RESTORE_HELP } from './backup/help';

void runEntrypoint({
  help: RESTORE_HELP,
  start: async () => (await import('./backup/restore-command.js')).restoreCommand(process.argv.slice(2)),
});
