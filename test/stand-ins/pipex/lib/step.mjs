import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { now, tell } from './log.mjs';
import { readOptions, text } from './options.mjs';

/** What ends a step: the name and the words of a Python exception. */
export class PythonError extends Error {}

/** What ends a step with an ERROR line. */
export class ToldError extends Error {}

/**
 * A script of PIPEX: its number in RUNNING, its arguments in the data folder, Start, its work, End. Whatever goes wrong on the way, there is
 * no End.
 * @param {{ script: string, title: string, settings: string, options: object, fallback?: string }} about
 * @param {(options: object) => Promise<void>} work
 */
export async function runStep({ script, title, settings, options, fallback }, work) {
  const words = process.argv.slice(2);
  const values = readOptions(script, { data: text(fallback ?? process.env.PIPEX_DATA ?? './data'), ...options }, words);
  try {
    writeFileSync('PIPEX_WORK' in process.env ? './work/RUNNING' : './RUNNING', String(process.pid));
    const record = `>>> Start time ${settings} =  ${now()}\n${[script, ...words].join(' ')}`;
    writeFileSync(join(values.data, `log_settings_${settings}.txt`), record);
    tell(`Start time ${title} =`, now());
    // As when the machine runs out of memory.
    if (process.env.STAND_IN_KILLS === settings) process.kill(process.pid, 'SIGKILL');
    await work(values);
    tell(`End time ${title} =`, now());
  } catch (error) {
    if (error instanceof ToldError) tell(`ERROR: ${error.message} =`, now());
    else
      process.stderr.write(
        `Traceback (most recent call last):\n  File "/opt/pipex/${script}", line 1, in <module>\n${pythonWords(error)}\n`,
      );
    process.exitCode = 1;
  }
}

function pythonWords(error) {
  if (error instanceof PythonError) return error.message;
  if (error.code === 'ENOENT') return `FileNotFoundError: [Errno 2] No such file or directory: '${error.path}'`;
  return `${error.name}: ${error.message}`;
}
