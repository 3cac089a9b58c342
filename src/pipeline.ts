import { runEntrypoint } from './common/runtime';
import { HELP } from './pipeline/help';

void runEntrypoint({
  help: HELP,
  start: async () => (await import('./pipeline/pipeline-command.js')).pipelineCommand(process.argv.slice(2)),
});
