import { runEntrypoint } from './common/runtime';
import { BACKUP_HELP } from './backup/help';

void runEntrypoint({
  help: BACKUP_HELP,
  start: async () => (await import('./backup/backup-command.js')).backupCommand(process.argv.slice(2)),
});
