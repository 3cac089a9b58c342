import { runEntrypoint } from './common/runtime';

void runEntrypoint({
  help: `
Usage: node dist/quickstart [--watch]       (npm run quickstart builds first)

Starts everything that one machine needs: brings the database up to date, makes a sample image, and runs web, runner and a scheduled
cleaner until Ctrl-C. All it writes lies in DATA_DIR (default ./data) and is there again at the next start. The pages are on PORT
(default 8080); the first account that signs up is the administrator unless FIRST_ACCOUNT_IS_ADMIN is off.

  --watch    builds again and restarts when sources change (npm run dev)
`,
  start: async () => (await import('./quickstart/start-quickstart.js')).startQuickstart(process.argv.slice(2)),
});
