import { runEntrypoint } from './common/runtime';

void runEntrypoint({
  help: `
Usage: node dist/migrate

Brings the database (SQLite in DATA_DIR, or the MariaDB of DATABASE_URL) to the tables of this version.
Run it once before the first start and after each update; running it again changes nothing.
`,
  start: async () => (await import('./common/database/migrate.js')).migrate(),
});
