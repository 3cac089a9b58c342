import { runEntrypoint } from './common/runtime';
import { dropRubbishOfStart, keepHeapSmall } from './web/heap-size';

void runEntrypoint({
  help: `
Usage: node dist/web

Serves the pages on PORT (default 8080). Settings come from the environment and from .env; .env.example explains each.
Run "node dist/migrate" before the first start. Ctrl-C or SIGTERM stops it after what is under way.
`,
  start: async () => {
    keepHeapSmall();
    await (await import('./web/start-web.js')).startWeb();
    dropRubbishOfStart();
  },
});
