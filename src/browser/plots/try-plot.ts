import { PlotFault } from './plot-fault.js';
import type { TrialAnswer, TrialQuestion } from './plot-trial.js';

const PATIENCE_MS = 8000;

/** Lets a worker work a plot out. @throws PlotFault when that fails, or takes too long. */
export function tryPlot(question: TrialQuestion): Promise<void> {
  const worker = new Worker(new URL('plot-trial.js', import.meta.url), { type: 'module' });
  return new Promise<void>((resolve, reject) => {
    const clock = setTimeout(() => reject(new PlotFault('slow')), PATIENCE_MS);
    worker.addEventListener('message', ({ data }: MessageEvent<TrialAnswer>) => {
      clearTimeout(clock);
      if (data) reject(new PlotFault(data.kind, data.reason));
      else resolve();
    });
    worker.addEventListener('error', () => {
      clearTimeout(clock);
      reject(new PlotFault('large'));
    });
    worker.postMessage(question, []);
  }).finally(() => worker.terminate());
}
