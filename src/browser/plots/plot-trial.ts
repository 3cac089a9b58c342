/** A worker that works a plot out before the page draws it: one without end stops this worker, and the page goes on. */
import { asFault, type PlotFaultKind } from './plot-fault.js';
import type { Json } from './plot-source.js';
import { checkSize, drawPlot, type PlotSurroundings } from './plot-view.js';

export interface TrialQuestion {
  spec: Json;
  surroundings: PlotSurroundings;
}

/** Null: it can be drawn. */
export type TrialAnswer = { kind: PlotFaultKind; reason: string } | null;

self.addEventListener('message', ({ data }: MessageEvent<TrialQuestion>) => {
  void answer(data).then((answer) => (self as unknown as Worker).postMessage(answer, []));
});

async function answer({ spec, surroundings }: TrialQuestion): Promise<TrialAnswer> {
  try {
    checkSize(await drawPlot(spec, surroundings));
    return null;
  } catch (error) {
    const { kind, message } = asFault(error);
    return { kind, reason: message };
  }
}
