import { runEntrypoint } from './common/runtime';

void runEntrypoint({
  help: `
Usage: node dist/admin <command>

  make-admin <email>                 makes that account an administrator
  reset-password <email> [--stdin]   sets a new random password and prints it, or reads one line from standard input;
                                     ends every session of that account
  list-users                         lists the accounts: administrator or not, when seen last, address

Works on the database of the settings (environment and .env), also while Showrunner runs.
`,
  start: async () => (await import('./admin/admin.js')).admin(process.argv.slice(2)),
});
