/** Starts worker processes and speaks with them (see worker.mjs). */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const WORKER = join(import.meta.dirname, 'worker.mjs');

/** @param {object} installation @param {{ name: string, slots: number, over?: object }} runner */
export async function startWorker(installation, runner) {
  const environment = { ...installation.environment, RUNNER_NAME: runner.name };
  const child = fork(WORKER, [JSON.stringify(runner)], { env: environment, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const gone = once(child, 'exit').then(([status, signal]) => {
    throw new Error(`the worker ${runner.name} ended early (${signal ?? status})`);
  });
  // Who asks hears of it; afterwards it ends because it was told to.
  gone.catch(() => undefined);
  await Promise.race([once(child, 'message'), gone]);
  const ask = async (command, words = {}) => {
    const answered = once(child, 'message');
    child.send({ command, ...words });
    const [{ answer, error }] = await Promise.race([answered, gone]);
    if (error) throw new Error(error);
    return answer;
  };
  const end = async () => {
    const ended = once(child, 'exit');
    child.send({ command: 'end' });
    await ended;
  };
  return { ask, end, pid: child.pid };
}
