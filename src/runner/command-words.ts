import { join } from 'node:path';
import type { Manifest } from '../common/pipelines/manifest';
import { PROGRESS_FILE } from '../common/files/progress-file-name';

/** `node` is the Node that runs us, `./x` a file of the pipeline; all else is looked up in PATH. */
export function commandWords({ runtime }: Pick<Manifest, 'runtime'>, folder: string): string[] {
  return runtime.command.map((word, index) => {
    if (index === 0 && word === 'node' && runtime.kind === 'process') return process.execPath;
    return word.startsWith('./') ? join(folder, word) : word;
  });
}

/** What a program is told of its run. @param needCpu thousandths of a core. @param cwd the folder for results. */
export function runVariables(
  { id, attempt, needCpu }: { id: number; attempt: number; needCpu: number },
  cwd: string,
): Record<string, string> {
  const cores = String(Math.max(1, Math.floor(needCpu / 1000)));
  return {
    SHOWRUNNER_RUN: String(id),
    SHOWRUNNER_ATTEMPT: String(attempt),
    SHOWRUNNER_CPUS: cores,
    SHOWRUNNER_PROGRESS: join(cwd, PROGRESS_FILE),
  };
}
