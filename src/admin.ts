import { runEntrypoint } from './common/runtime';
import { HELP } from './admin/help';

void runEntrypoint({
  help: HELP,
  start: async () => (await import('./admin/admin.js')).admin(process.argv.slice(2)),
});
