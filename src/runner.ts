import { runEntrypoint } from './common/runtime';

void runEntrypoint({
  help: `
Usage: node dist/runner

Takes runs from the queue and carries them out, RUNNER_SLOTS at the same time. Several runners may serve one queue; two on one
machine need two names (RUNNER_NAME). Settings come from the environment and from .env; .env.example explains each.
Ctrl-C or SIGTERM stops the runner and not the programs: they go on, and the next start finds them again.
`,
  start: async () => (await import('./runner/start-runner.js')).startRunner(),
});
